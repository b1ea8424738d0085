/**
 * Renders an overlay as `kubectl kustomize` does, for machines without kubectl: check:deploy compares the two where there is one.
 * Knows what the kustomizations of this project use, and refuses anything else.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { identityOf, type Manifest, readManifests } from './manifest.ts';

const KUSTOMIZATION = z.strictObject({
  apiVersion: z.literal('kustomize.config.k8s.io/v1beta1'),
  kind: z.literal('Kustomization'),
  namespace: z.string().optional(),
  labels: z
    .array(z.strictObject({ pairs: z.record(z.string(), z.string()), includeTemplates: z.literal(true) }))
    .default([]),
  images: z.array(z.strictObject({ name: z.string(), newTag: z.string() })).default([]),
  resources: z.array(z.string()),
  patches: z.array(z.strictObject({ path: z.string() })).default([]),
});

/** Throws when a patch has no object to change, or two objects are the same. */
export function renderOverlay(folder: string): readonly Manifest[] {
  const [document] = readManifests(join(folder, 'kustomization.yaml'));
  const kustomization = KUSTOMIZATION.parse(document);
  let manifests = kustomization.resources.flatMap((resource) => {
    const path = join(folder, resource);
    return statSync(path).isDirectory() ? renderOverlay(path) : readManifests(path);
  });
  if (new Set(manifests.map(identityOf)).size !== manifests.length) {
    throw new Error(`${folder}: an object is there twice`);
  }
  for (const patch of kustomization.patches.flatMap(({ path }) => readManifests(join(folder, path)))) {
    const wanted = identityOf(patch);
    if (!manifests.some((one) => identityOf(one) === wanted))
      throw new Error(`${folder}: no ${wanted} to patch`);
    manifests = manifests.map((one) => (identityOf(one) === wanted ? (merged(one, patch) as Manifest) : one));
  }
  const { namespace, labels, images } = kustomization;
  const pairs = Object.assign({}, ...labels.map((label) => label.pairs)) as Record<string, string>;
  return manifests
    .map((one) => labelled(namespace === undefined ? one : inNamespace(one, namespace), pairs))
    .map((one) => withImages(one, images) as Manifest);
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Objects field by field, everything else replaced: what a merge patch does. Patches of ours hold no lists of core kinds. */
function merged(target: unknown, patch: unknown): unknown {
  if (!isFields(target) || !isFields(patch)) return patch;
  const keys = [...Object.keys(target), ...Object.keys(patch).filter((key) => !(key in target))];
  return Object.fromEntries(
    keys.map((key) => [key, key in patch ? merged(target[key], patch[key]) : target[key]]),
  );
}

const inNamespace = (manifest: Manifest, namespace: string): Manifest =>
  manifest.kind === 'Namespace' ? manifest : { ...manifest, metadata: { ...manifest.metadata, namespace } };

/** On the object, and on the pods that it makes. */
function labelled(manifest: Manifest, pairs: Readonly<Record<string, string>>): Manifest {
  if (Object.keys(pairs).length === 0) return manifest;
  const patch: Fields = { metadata: { labels: pairs } };
  const spec = manifest['spec'];
  const makesPods = ['Deployment', 'Job'].includes(manifest.kind) && isFields(spec);
  return merged(manifest, makesPods ? { ...patch, spec: { template: patch } } : patch) as Manifest;
}

function withImages(value: unknown, images: readonly { name: string; newTag: string }[]): unknown {
  if (Array.isArray(value)) return value.map((one) => withImages(one, images));
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const image = key === 'image' ? images.find(({ name }) => name === item) : undefined;
      return [key, image === undefined ? withImages(item, images) : `${image.name}:${image.newTag}`];
    }),
  );
}
