/** The processes of the system, in the order in which they start. A process that joins the system is added here. */
import type { StackUrls } from '../local-stack/state.ts';
import type { ProviderMode } from './provider-mode.ts';
import type { ProcessSpec, Wave } from './process-spec.ts';

export interface SystemAddresses {
  readonly servers: StackUrls;
  readonly ports: Ports;
}

/** One for each process that listens: these where they are free. */
export const USUAL_PORTS = {
  sandbox: 8090,
  worker: 9464,
  backlogWorker: 9465,
  scheduler: 9466,
  dlqManager: 9467,
  api: 8080,
  apiHealth: 9468,
} as const;

export type Ports = Readonly<Record<keyof typeof USUAL_PORTS, number>>;

export interface SystemPlan extends SystemAddresses {
  readonly mode: ProviderMode;
  /** From `providerEnvironment`. */
  readonly providerEnv: Readonly<Record<string, string>>;
}

/** What a worker may take to finish what it holds, and a margin in which it says so. */
const WORKER_GRACE_MS = 30_000;
const GRACE_MS = 5_000;

/** Only this machine reaches the API here, so its webhooks may go to a receiver on this machine. */
const WEBHOOKS = { WEBHOOK_TARGETS: 'any' };

export const sandboxUrlOf = ({ sandbox }: Ports): string => `http://127.0.0.1:${sandbox}`;

export function systemProcesses(plan: SystemPlan): readonly Wave[] {
  const { ports, mode, servers } = plan;
  const queueInit: ProcessSpec = {
    name: 'queue-init',
    entry: 'services/queue-init/main.ts',
    env: { ...servers },
    graceMs: GRACE_MS,
  };
  return [
    mode.kind === 'sandbox' ? [queueInit, sandbox(ports, mode)] : [queueInit],
    [
      worker(plan, { name: 'worker', lanes: 'priority,backlog', port: ports.worker }),
      worker(plan, { name: 'backlog-worker', lanes: 'backlog', port: ports.backlogWorker }),
      companion(plan, { name: 'scheduler', port: ports.scheduler, graceMs: WORKER_GRACE_MS, env: WEBHOOKS }),
      companion(plan, { name: 'dlq-manager', port: ports.dlqManager, graceMs: GRACE_MS }),
    ],
  ];
}

/** What `npm start` offers beside the workers; a demo does without. */
export function apiProcess({ servers, ports, providerEnv }: SystemPlan): ProcessSpec {
  return {
    name: 'api',
    entry: 'services/api/main.ts',
    env: {
      LOG_FORMAT: 'pretty',
      ...servers,
      ...providerEnv,
      ...WEBHOOKS,
      API_HOST: '127.0.0.1',
      API_PORT: String(ports.api),
      HEALTH_HOST: '127.0.0.1',
      HEALTH_PORT: String(ports.apiHealth),
    },
    serves: { what: 'HTTP API', url: `http://127.0.0.1:${ports.api}`, readyPath: '/openapi.json' },
    graceMs: WORKER_GRACE_MS,
  };
}

function sandbox(ports: Ports, mode: Extract<ProviderMode, { kind: 'sandbox' }>): ProcessSpec {
  return {
    name: 'provider-sandbox',
    entry: 'services/provider-sandbox/main.ts',
    env: {
      PROVIDER_SANDBOX_HOST: '127.0.0.1',
      PROVIDER_SANDBOX_PORT: String(ports.sandbox),
      PROVIDER_SANDBOX_SPEED: String(mode.speed),
      PROVIDER_SANDBOX_LATENCY: String(mode.latency),
    },
    serves: { what: 'provider sandbox', url: sandboxUrlOf(ports), readyPath: '/_control/stats' },
    graceMs: GRACE_MS,
  };
}

function worker(
  { servers, providerEnv }: SystemPlan,
  { name, lanes, port }: { name: string; lanes: string; port: number },
): ProcessSpec {
  return {
    name,
    entry: 'services/worker/main.ts',
    env: {
      LOG_FORMAT: 'pretty',
      ...servers,
      ...providerEnv,
      ENRICHMENT_LANES: lanes,
      HEALTH_HOST: '127.0.0.1',
      HEALTH_PORT: String(port),
    },
    serves: {
      what: `${name} health and metrics`,
      url: `http://127.0.0.1:${port}`,
      readyPath: '/readyz',
    },
    graceMs: WORKER_GRACE_MS,
  };
}

/** Works beside the workers, on the same servers: its name is that of its folder. */
function companion(
  { servers }: SystemPlan,
  {
    name,
    port,
    graceMs,
    env = {},
  }: { name: string; port: number; graceMs: number; env?: Readonly<Record<string, string>> },
): ProcessSpec {
  return {
    name,
    entry: `services/${name}/main.ts`,
    env: {
      LOG_FORMAT: 'pretty',
      ...servers,
      ...env,
      HEALTH_HOST: '127.0.0.1',
      HEALTH_PORT: String(port),
    },
    serves: {
      what: `${name} health and metrics`,
      url: `http://127.0.0.1:${port}`,
      readyPath: '/readyz',
    },
    graceMs,
  };
}

/** In the order of `USUAL_PORTS`. */
export function portsOf([
  sandbox = 0,
  worker = 0,
  backlogWorker = 0,
  scheduler = 0,
  dlqManager = 0,
  api = 0,
  apiHealth = 0,
]: readonly number[]): Ports {
  return { sandbox, worker, backlogWorker, scheduler, dlqManager, api, apiHealth };
}
