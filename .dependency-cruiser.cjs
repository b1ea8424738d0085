/** Imports point one way: task ← matching ← pipelines ← providers; adapters are islands; services sit on top. */
const folder = (name) => `^shared/${name}/`;
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from, pathNot: '\\.test\\.ts$' },
  to: {
    path: '^(shared|services|infra|tests|bench)/',
    pathNot: [from.replace(/^\^/, '^'), ...allowed].join('|'),
  },
});
const owner = (lib, path) => ({
  name: `one-owner-${lib}`,
  severity: 'error',
  from: { path: '^(shared|services|infra)/', pathNot: `${path}|\\.test\\.ts$` },
  to: { path: `node_modules/${lib}/`, dependencyTypesNot: ['type-only'] },
});

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    only('task-is-pure', folder('task'), []),
    only('matching-is-pure', folder('matching'), [folder('task')]),
    only('pipelines', folder('pipelines'), [folder('task'), folder('matching')]),
    only('observability', folder('observability'), [folder('runtime')]),
    only('runtime', folder('runtime'), []),
    ...['rabbitmq', 'redis', 'postgres'].map((name) =>
      only(`${name}-is-an-island`, folder(name), [
        folder('task'),
        folder('observability'),
        folder('runtime'),
      ]),
    ),
    only('providers', folder('providers'), [folder('task'), folder('matching'), folder('runtime')]),
    {
      name: 'providers-are-islands',
      severity: 'error',
      from: { path: '^shared/providers/([^/]+)/' },
      to: { path: '^shared/providers/([^/]+)/', pathNot: '^shared/providers/$1/' },
    },
    {
      name: 'services-are-islands',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/([^/]+)/', pathNot: '^services/$1/' },
    },
    {
      name: 'services-reach-providers-through-the-registry',
      severity: 'error',
      from: { path: '^services/', pathNot: '^services/provider-sandbox/' },
      to: { path: '^shared/providers/[^/]+/' },
    },
    {
      name: 'shared-knows-no-service',
      severity: 'error',
      from: { path: '^shared/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(services|infra|tests|bench)/' },
    },
    {
      name: 'no-test-in-production',
      severity: 'error',
      from: { path: '^(shared|services)/', pathNot: '\\.test\\.ts$|/samples\\.ts$' },
      to: { path: '^tests/|\\.test\\.ts$|/samples\\.ts$' },
    },
    {
      name: 'no-dev-dependency-in-production',
      severity: 'error',
      from: { path: '^(shared|services)/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    owner('amqplib', '^shared/rabbitmq/'),
    owner('ioredis', '^shared/redis/'),
    owner('bottleneck', '^shared/(redis|rabbitmq|runtime)/'),
    owner('pg', '^shared/postgres/'),
    owner('prom-client', '^shared/observability/'),
    owner('winston', '^shared/observability/'),
    owner('@opentelemetry', '^shared/observability/otel-tracer'),
    {
      name: 'opentelemetry-is-loaded-on-demand',
      severity: 'error',
      from: { path: '^(shared|services|infra)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^shared/observability/otel-tracer', dynamic: false },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'dist/|coverage/' },
  },
};
