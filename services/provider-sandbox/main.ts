import { ConfigError, readSettings } from '../../shared/runtime/environment.ts';
import { SANDBOX_SETTINGS } from './config.ts';
import { startSandbox } from './sandbox.ts';

/** Exit codes: 0 stopped, 1 could not start, 2 bad configuration. */
async function main(): Promise<void> {
  const settings = readSettings(SANDBOX_SETTINGS);
  const sandbox = await startSandbox(settings);
  process.stderr.write(
    `provider sandbox: listening on ${sandbox.url} at ${settings.speed} times the real limits and ` +
      `${settings.latency} of the real latency\n`,
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void sandbox.close());
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`provider sandbox: ${(error as Error).message}\n`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
});
