import { configuredProviders } from '../../../shared/controls/configured-providers.ts';
import type { Controls } from '../../../shared/controls/controls.ts';
import type { SystemSources } from '../../../shared/controls/look-at-system.ts';
import { Connection } from '../../../shared/rabbitmq/connection.ts';
import { currentEnvironment } from '../../../shared/runtime/environment.ts';
import { actor } from '../actor.ts';
import { loadConfig } from '../config.ts';
import { createStderrLog } from '../stderr-log.ts';
import { withControls } from './with-controls.ts';

const BROKER_WAIT_MS = 3_000;

/**
 * Runs a command that looks at the running system. The broker is waited for three seconds and may be away: its
 * connection says so. Throws ServersUnavailable for the others.
 */
export async function withSystem<T>(run: (system: SystemSources & Controls) => Promise<T>): Promise<T> {
  const { rabbitmqUrl, sandboxUrl } = loadConfig();
  const configured = await configuredProviders(currentEnvironment(), sandboxUrl);
  return withControls({}, async (controls) => {
    const log = createStderrLog(process.stderr);
    const connection = new Connection({ url: rabbitmqUrl, name: `enrich@${actor()}`, log }).start();
    try {
      await connection.ready(AbortSignal.timeout(BROKER_WAIT_MS)).catch(() => undefined);
      return await run({ ...controls, connection, configured });
    } finally {
      await connection.close();
    }
  });
}
