/** The servers and processes under a demo: those that an earlier one kept, or new ones. */
import type { Instance } from '../local-stack/instance.ts';
import { freePorts } from '../local-stack/ports.ts';
import type { StackUrls } from '../local-stack/state.ts';
import { stopStack } from '../local-stack/stack.ts';
import { LocalSystem, serversId } from '../local-system/local-system.ts';
import { openOwnStack } from '../local-system/own-stack.ts';
import { portsOf, sandboxUrlOf, systemProcesses, USUAL_PORTS } from '../local-system/processes.ts';
import { providerEnvironment, type ProviderMode } from '../local-system/provider-mode.ts';
import type { ProviderDefinition } from '../../shared/providers/provider.ts';

export interface DemoSystem {
  readonly urls: StackUrls;
  readonly system: LocalSystem;
  readonly isReused: boolean;
  /** Stops what was started for this demo, and only that. */
  stop(): Promise<void>;
}

export interface DemoSystemOptions {
  /** A stack of its own: neither `npm start` nor the tests notice a demo. */
  readonly instance: Instance;
  readonly mode: ProviderMode;
  readonly definitions: readonly ProviderDefinition[];
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
}

export async function openDemoSystem(options: DemoSystemOptions): Promise<DemoSystem> {
  const { instance, mode, report } = options;
  const stack = await openOwnStack({ name: instance.name, report, isDisposable: true });
  const kept = LocalSystem.find(instance, { mode, servers: serversId(stack.urls) });
  if (kept !== undefined) {
    report('Using the servers and workers that an earlier demo kept');
    return { urls: stack.urls, system: kept, isReused: true, stop: () => Promise.resolve() };
  }
  const left = await LocalSystem.clear(instance);
  if (left.length > 0) report(`Stopped what an earlier demo had left: ${left.join(', ')}`);
  try {
    const system = await startProcesses(stack.urls, options);
    const stop = async (): Promise<void> => {
      await system.stop();
      await stack.stop();
    };
    return { urls: stack.urls, system, isReused: false, stop };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

/** Stops everything of the demo and removes its data; resolves with the names of the processes that ran. */
export async function removeDemoSystem(
  instance: Instance,
  report: (line: string) => void,
): Promise<readonly string[]> {
  const stopped = await LocalSystem.clear(instance);
  await stopStack({ name: instance.name, purge: true, report });
  return stopped;
}

async function startProcesses(
  servers: StackUrls,
  { instance, mode, definitions, report, signal }: DemoSystemOptions,
): Promise<LocalSystem> {
  // Any free ones: the usual ports belong to `npm start`.
  const ports = portsOf(await freePorts(Object.values(USUAL_PORTS).map(() => undefined)));
  const providerEnv = providerEnvironment(definitions, mode, sandboxUrlOf(ports));
  const waves = systemProcesses({ servers, ports, mode, providerEnv });
  return LocalSystem.start({ instance, mode, servers: serversId(servers), waves, report, signal });
}
