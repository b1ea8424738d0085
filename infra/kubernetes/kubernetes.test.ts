import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Manifest } from './manifest.ts';
import { renderOverlay } from './render.ts';
import { problemOf } from './validate.ts';

const overlays = ['small', 'production'];
const folder = mkdtempSync(join(tmpdir(), 'kustomize-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const rendered = (overlay: string): readonly Manifest[] =>
  renderOverlay(join(import.meta.dirname, 'overlays', overlay));

interface Container {
  readonly name: string;
  readonly image: string;
  readonly resources: { readonly limits: { readonly memory: string } };
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly livenessProbe?: { readonly httpGet?: { readonly path: string } };
  readonly readinessProbe?: unknown;
}
interface PodSpec {
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly terminationGracePeriodSeconds?: number;
  readonly containers: readonly Container[];
  readonly volumes?: readonly { readonly secret?: { readonly secretName: string } }[];
}
interface MakesPods {
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: PodSpec;
    };
  };
}

const podsOf = (overlay: string): { readonly name: string; readonly pod: PodSpec }[] =>
  rendered(overlay)
    .filter(({ kind }) => kind === 'Deployment' || kind === 'Job')
    .map((one) => ({ name: one.metadata.name, pod: (one as unknown as MakesPods).spec.template.spec }));

test.each(overlays)('every object of %s is one that Kubernetes or its operator takes', (overlay) => {
  const manifests = rendered(overlay);
  expect(manifests.map(problemOf).filter((problem) => problem !== undefined)).toEqual([]);
  expect(manifests.length).toBeGreaterThan(20);
});

test.each(overlays)('no pod of %s runs as root, writes to its file system or may become more', (overlay) => {
  for (const { name, pod } of podsOf(overlay)) {
    expect({ name, ...pod.securityContext }).toMatchObject({ name, runAsNonRoot: true });
    expect({ name, token: pod.automountServiceAccountToken }).toEqual({ name, token: false });
    for (const { securityContext } of pod.containers) {
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
  }
});

test.each(overlays)(
  'every container of %s has a limit of memory and an image of a known version',
  (overlay) => {
    for (const { resources, image } of podsOf(overlay).flatMap(({ pod }) => pod.containers)) {
      expect(resources.limits.memory).toMatch(/^\d+Mi$/);
      expect(image).toMatch(/:(?!latest)[\w.-]+$/);
    }
  },
);

test.each(overlays)(
  '%s restarts a service only for what it says of itself, and lets it finish',
  (overlay) => {
    const services = podsOf(overlay).filter(({ name }) =>
      /worker$|^enrichment-dlq-manager$|^scheduler$|^api$/.test(name),
    );
    expect(services).toHaveLength(5);
    for (const { pod } of services) {
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(25);
      expect(pod.containers[0]?.livenessProbe?.httpGet?.path).toBe('/healthz');
      expect(pod.containers[0]?.readinessProbe).toMatchObject({ httpGet: { path: '/readyz' } });
    }
  },
);

test.each(overlays)('whoever a network policy of %s lets through is there', (overlay) => {
  const manifests = rendered(overlay);
  const names = new Set([
    ...manifests
      .filter(({ kind }) => ['Deployment', 'Job'].includes(kind))
      .map((one) => (one as unknown as MakesPods).spec.template.metadata.labels['app.kubernetes.io/name']),
    ...manifests.filter(({ kind }) => kind === 'RabbitmqCluster').map(({ metadata }) => metadata.name),
  ]);
  const policies = JSON.stringify(manifests.filter(({ kind }) => kind === 'NetworkPolicy'));
  const named = [...policies.matchAll(/"app\.kubernetes\.io\/name":"([^"]+)"/g)].map(([, name]) => name);
  const listed = [
    ...policies.matchAll(/"key":"app\.kubernetes\.io\/name","operator":"In","values":(\[[^\]]+\])/g),
  ];
  const all = [...named, ...listed.flatMap(([, list = '[]']) => JSON.parse(list) as string[])];
  expect(all.length).toBeGreaterThan(5);
  expect(all.filter((name) => !names.has(name))).toEqual([]);
});

interface Policy extends Manifest {
  readonly spec: {
    readonly podSelector: {
      readonly matchLabels?: Readonly<Record<string, string>>;
      readonly matchExpressions?: readonly { readonly values: readonly string[] }[];
    };
    readonly egress?: readonly {
      readonly to?: readonly { readonly ipBlock?: object }[];
      readonly ports: readonly { readonly port: number }[];
    }[];
  };
}

test.each(overlays)(
  'in %s those who ask providers and who deliver webhooks reach what is outside',
  (overlay) => {
    const outside = (rendered(overlay) as readonly Policy[])
      .filter(({ kind }) => kind === 'NetworkPolicy')
      .flatMap(({ spec: { podSelector, egress = [] } }) =>
        egress
          .filter(({ to = [] }) => to.some(({ ipBlock }) => ipBlock !== undefined))
          .map(({ ports }) => ({
            who: podSelector.matchExpressions?.[0]?.values ?? Object.values(podSelector.matchLabels ?? {}),
            ports: ports.map(({ port }) => port),
          })),
      );
    expect(outside).toEqual(
      expect.arrayContaining([
        { who: ['enrichment-worker', 'enrichment-backlog-worker', 'command-line'], ports: [443] },
        { who: ['scheduler'], ports: [443, 8443] },
      ]),
    );
    expect(outside).toHaveLength(2);
  },
);

test.each(overlays)('whatever of ours the compose files run is in %s too', (overlay) => {
  const commands = (text: string): Set<string> =>
    new Set([...text.matchAll(/dist\/(?:services|infra)\/[\w/-]+\.js/g)].map(([path]) => path));
  const ofCompose = ['docker-compose.yml', 'docker-compose.workers.yml']
    .map((name) => readFileSync(join(import.meta.dirname, '..', '..', name), 'utf8'))
    .join('\n');
  const ofCluster = commands(JSON.stringify(rendered(overlay)));
  const missing = [...commands(ofCompose)].filter((command) => !ofCluster.has(command));
  // What stands in for the providers is for trying it on one machine.
  expect(missing).toEqual(['dist/services/provider-sandbox/main.js']);
  expect(commands(ofCompose).size).toBeGreaterThan(5);
});

test('production keeps what it holds on three nodes; small does with one', () => {
  const cluster = (overlay: string): Manifest | undefined =>
    rendered(overlay).find(({ kind }) => kind === 'RabbitmqCluster');
  const settings = (overlay: string): Manifest | undefined =>
    rendered(overlay).find(({ kind }) => kind === 'ConfigMap');
  expect(cluster('production')).toMatchObject({ spec: { replicas: 3 } });
  expect(settings('production')).toMatchObject({ data: { ENRICHMENT_QUEUE_TYPE: 'quorum' } });
  expect(cluster('small')).toMatchObject({ spec: { replicas: 1 } });
  expect(settings('small')).toMatchObject({ data: { ENRICHMENT_QUEUE_TYPE: 'classic' } });
});

test('a wrong type, an unknown kind and an unknown field are refused', () => {
  const [deployment] = rendered('small').filter(({ kind }) => kind === 'Deployment');
  const broken = {
    ...deployment,
    spec: { ...(deployment?.['spec'] as object), replicas: 'two' },
  } as Manifest;
  expect(problemOf(broken)).toContain('replicas');
  const [cluster] = rendered('small').filter(({ kind }) => kind === 'RabbitmqCluster');
  const odd = { ...cluster, spec: { ...(cluster?.['spec'] as object), replica: 2 } } as Manifest;
  expect(problemOf(odd)).toContain('replica');
  expect(problemOf({ apiVersion: 'v1', kind: 'Pot', metadata: { name: 'a' } })).toContain('no model');
});

test('a patch of an object that is not there is refused', () => {
  const metadata = 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n';
  writeFileSync(
    join(folder, 'kustomization.yaml'),
    `${metadata}resources: [a.yaml]\npatches: [{path: b.yaml}]\n`,
  );
  writeFileSync(join(folder, 'a.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n');
  writeFileSync(join(folder, 'b.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n');
  expect(() => renderOverlay(folder)).toThrow('no v1 ConfigMap b to patch');
});
