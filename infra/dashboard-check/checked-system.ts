/** The whole system for the check, on servers of its own: it pauses providers and makes dead letters. */
import { COMPOSE_TARGETS, type ScrapeTargets } from '../../monitoring/prometheus/scrape-config.ts';
import { provideEnvironment } from '../../shared/runtime/environment.ts';
import type { Instance } from '../local-stack/instance.ts';
import { freePorts } from '../local-stack/ports.ts';
import { readState, type StackUrls } from '../local-stack/state.ts';
import { makeLocalKey, removeLocalKey } from '../local-system/local-key.ts';
import { LocalSystem, serversId } from '../local-system/local-system.ts';
import { openOwnStack } from '../local-system/own-stack.ts';
import {
  apiProcess,
  type Ports,
  portsOf,
  sandboxUrlOf,
  systemProcesses,
  USUAL_PORTS,
} from '../local-system/processes.ts';
import { loadProviders, providerEnvironment, type ProviderMode } from '../local-system/provider-mode.ts';

export interface CheckedSystem {
  readonly urls: StackUrls;
  readonly apiUrl: string;
  readonly apiKey: string;
  /** Under the names that the deployment gives them. */
  readonly targets: ScrapeTargets;
  /** Its data goes with it. */
  stop(): Promise<void>;
}

/** Rates need two scrapes, and nobody wants to wait for them. */
const SCRAPE_SECONDS = 2;
/** The load is done within seconds, and what was looked up once is there for the next. */
const MODE: ProviderMode = { kind: 'sandbox', speed: 20, latency: 0.1 };

export async function openCheckedSystem(
  instance: Instance,
  { say, signal }: { readonly say: (line: string) => void; readonly signal: AbortSignal },
): Promise<CheckedSystem> {
  // Programs of this machine, as Prometheus is one: the port of the broker's metrics is known of them alone.
  provideEnvironment({ ENRICHMENT_STACK: 'private', DLQ_CHECK_SECONDS: '2' });
  await LocalSystem.clear(instance);
  const stack = await openOwnStack({ name: instance.name, report: say, isDisposable: true });
  try {
    const { urls } = stack;
    // Any free ones: the usual ports belong to `npm start`.
    const ports = portsOf(await freePorts(Object.values(USUAL_PORTS).map(() => undefined)));
    const providerEnv = providerEnvironment(await loadProviders(), MODE, sandboxUrlOf(ports));
    const plan = { servers: urls, ports, mode: MODE, providerEnv };
    const waves = [...systemProcesses(plan), [apiProcess(plan)]];
    const apiKey = await makeLocalKey(instance, urls.DATABASE_URL);
    const servers = serversId(urls);
    const system = await LocalSystem.start({ instance, mode: MODE, servers, waves, report: say, signal });
    return {
      urls,
      apiUrl: system.urls.get('api') ?? '',
      apiKey,
      targets: targetsOf(ports, readState(instance)?.servers['rabbitmq']?.ports['prometheus'] ?? 0),
      stop: async () => {
        await system.stop();
        removeLocalKey(instance);
        await stack.stop();
      },
    };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

const local = (port: number) => ({ addresses: [`127.0.0.1:${port}`] });

/** Every job of the deployment but the exporters of servers. */
function targetsOf(ports: Ports, broker: number): ScrapeTargets {
  const portOf: Readonly<Record<string, number>> = {
    'enrichment-worker': ports.worker,
    'enrichment-backlog-worker': ports.backlogWorker,
    'enrichment-dlq-manager': ports.dlqManager,
    api: ports.apiHealth,
    scheduler: ports.scheduler,
  };
  const jobs = Object.keys(COMPOSE_TARGETS.processes);
  return {
    processes: Object.fromEntries(jobs.map((job) => [job, local(portOf[job] ?? 0)])),
    broker: local(broker),
    exporters: {},
    intervalSeconds: SCRAPE_SECONDS,
  };
}
