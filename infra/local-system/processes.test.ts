import { apiProcess, portsOf, systemProcesses, type SystemPlan } from './processes.ts';

const plan: SystemPlan = {
  servers: {
    RABBITMQ_URL: 'amqp://127.0.0.1:1/a',
    REDIS_URL: 'redis://127.0.0.1:2/0',
    DATABASE_URL: 'postgres://127.0.0.1:3/b',
    RABBITMQ_MANAGEMENT_URL: 'http://127.0.0.1:4',
  },
  ports: portsOf([5, 6, 7, 8, 9, 10, 11]),
  mode: { kind: 'sandbox', speed: 20, latency: 0.1 },
  providerEnv: { PROVIDER_SANDBOX_URL: 'http://127.0.0.1:5' },
};

const names = (of: SystemPlan) => systemProcesses(of).map((wave) => wave.map(({ name }) => name));

test('queues and sandbox are there before the workers start', () => {
  expect(names(plan)).toEqual([
    ['queue-init', 'provider-sandbox'],
    ['worker', 'backlog-worker', 'scheduler', 'dlq-manager'],
  ]);
});

test('live runs without a sandbox', () => {
  expect(names({ ...plan, mode: { kind: 'live' } })[0]).toEqual(['queue-init']);
});

test('the worker serves both lanes, the backlog worker the backlog alone, each at its own port', () => {
  const [, workers = []] = systemProcesses(plan);
  const served = workers.filter(({ entry }) => entry === 'services/worker/main.ts');
  expect(served.map(({ env }) => [env['ENRICHMENT_LANES'], env['HEALTH_PORT']])).toEqual([
    ['priority,backlog', '6'],
    ['backlog', '7'],
  ]);
});

test('the HTTP API has an address of its own beside its health', () => {
  const { env, serves } = apiProcess(plan);
  expect(serves?.url).toBe('http://127.0.0.1:10');
  expect(env).toMatchObject({ API_PORT: '10', HEALTH_PORT: '11', API_HOST: '127.0.0.1' });
});

test('webhooks may go to a receiver on this machine: whoever takes and whoever sends them agree', () => {
  const all = [...systemProcesses(plan).flat(), apiProcess(plan)];
  const agreeing = all.filter(({ env }) => env['WEBHOOK_TARGETS'] === 'any').map(({ name }) => name);
  expect(agreeing).toEqual(['scheduler', 'api']);
});
