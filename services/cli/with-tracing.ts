import { hostname } from 'node:os';
import { startTracing } from '../../shared/observability/tracing.ts';
import { VERSION } from '../../shared/runtime/version.ts';
import { loadConfig } from './config.ts';
import { createStderrLog } from './stderr-log.ts';

/**
 * Runs `work`, whose tasks begin traces if an OTLP endpoint is set. The last spans are sent when it is over: a receiver that
 * does not answer holds the command up for three seconds, and costs a line on stderr. Throws ConfigError.
 */
export async function withTracing<T>(service: string, work: () => Promise<T>): Promise<T> {
  const processId = `${service}@${hostname()}#${process.pid}`;
  const log = createStderrLog(process.stderr);
  const end = await startTracing(loadConfig(), { service, version: VERSION, processId, log });
  try {
    return await work();
  } finally {
    await end();
  }
}
