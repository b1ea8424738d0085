/**
 * The compose files without an engine: written in what docker-compose 1.29 and the v2 plugin both take, and whole in themselves. What
 * 1.29 refuses (`name`, `include`, long env_file, `start_interval` …) is unknown to the schema, and so refused here.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const condition = z.strictObject({
  condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']),
});
const text = z.union([z.string(), z.number()]);
const service = z.strictObject({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()),
  entrypoint: z.array(z.string()),
  environment: z.record(z.string(), text),
  env_file: z.string(),
  depends_on: z.record(z.string(), condition),
  deploy: z.strictObject({ replicas: text }),
  healthcheck: z.strictObject({
    test: z.array(z.string()).optional(),
    interval: z.string().optional(),
    timeout: z.string().optional(),
    retries: z.int().optional(),
    start_period: z.string().optional(),
    disable: z.literal(true).optional(),
  }),
  hostname: z.string(),
  init: z.boolean(),
  restart: z.string(),
  profiles: z.array(z.string()),
  ports: z.array(z.string()),
  networks: z.array(z.string()),
  volumes: z.array(z.string()),
  tmpfs: z.array(z.string()),
  secrets: z.array(z.union([z.string(), z.strictObject({ source: z.string(), target: z.string() })])),
  logging: z.strictObject({ driver: z.string(), options: z.record(z.string(), z.string()) }),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  cap_add: z.array(z.string()),
  security_opt: z.array(z.string()),
  stop_grace_period: z.string(),
  stop_signal: z.string(),
  mem_limit: z.string(),
  shm_size: z.string(),
  cpus: z.number(),
  pids_limit: z.int(),
});
const composeFile = z.strictObject({
  services: z.record(z.string(), service.partial().required({ image: true })),
  networks: z.record(z.string(), z.strictObject({ internal: z.boolean().optional() })),
  volumes: z.record(z.string(), z.strictObject({})).default({}),
  secrets: z.record(z.string(), z.strictObject({ file: z.string() })),
});
type ComposeFile = z.infer<typeof composeFile>;
type Service = ComposeFile['services'][string];

/** What is wrong with a file, in words; empty when nothing is. */
export function composeProblems(root: string, name: string): readonly string[] {
  const all = parse(readFileSync(join(root, name), 'utf8'), { merge: true }) as Record<string, unknown>;
  const used = Object.fromEntries(Object.entries(all).filter(([key]) => !key.startsWith('x-')));
  const parsed = composeFile.safeParse(used);
  if (!parsed.success) return parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  return Object.entries(parsed.data.services).flatMap(([service, spec]) =>
    serviceProblems(root, parsed.data, spec).map((problem) => `${service}: ${problem}`),
  );
}

function serviceProblems(root: string, file: ComposeFile, spec: Service): string[] {
  const secrets = (spec.secrets ?? []).map((one) => (typeof one === 'string' ? one : one.source));
  const mounts = (spec.volumes ?? []).map((mount) => mount.split(':')[0] ?? '');
  const folders = mounts.filter((mount) => mount.startsWith('.'));
  const volumes = mounts.filter((mount) => !mount.startsWith('.'));
  return [
    ...unknown('service', Object.keys(spec.depends_on ?? {}), file.services),
    ...unknown('network', spec.networks ?? [], file.networks),
    ...unknown('secret', secrets, file.secrets),
    ...unknown('volume', volumes, file.volumes),
    ...folders
      .filter((path) => !existsSync(join(root, path)))
      .map((path) => `mounts ${path}, which is not there`),
    ...(spec.ports ?? [])
      .filter((port) => !port.startsWith('127.0.0.1:'))
      .map((port) => `publishes ${port} to everybody`),
    ...(spec.mem_limit === undefined || spec.pids_limit === undefined ? ['has no limits'] : []),
    ...(spec.logging?.options['max-size'] === undefined ? ['its log grows for ever'] : []),
    ...(/:(latest)?$|^[^:]+$/.test(spec.image) ? [`${spec.image} is whatever is newest`] : []),
    ...plainSecrets(spec),
  ];
}

const unknown = (what: string, names: readonly string[], known: object): string[] =>
  names.filter((name) => !(name in known)).map((name) => `names the ${what} ${name}, which is not there`);

/** Passwords come as files: an environment is shown by `docker inspect`. */
const plainSecrets = (spec: Service): string[] =>
  Object.entries(spec.environment ?? {})
    .filter(
      ([key, value]) => /PASS|SECRET|TOKEN|_URL$/.test(key) && /:\/\/[^/]*@|^\w{8,}$/.test(String(value)),
    )
    .map(([key]) => `${key} is a secret in plain sight`);
