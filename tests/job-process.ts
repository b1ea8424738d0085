/** A process of ours beside a test: it can be killed in the middle of what it does. */
import { join } from 'node:path';
import { freePorts } from '../infra/local-stack/ports.ts';
import type { ProcessSpec } from '../infra/local-system/process-spec.ts';
import { SystemProcess } from '../infra/local-system/system-process.ts';
import type { Environment } from '../shared/runtime/environment.ts';

export interface JobProcess {
  /** Of the HTTP API. */
  readonly url: string;
  /** SIGKILL; resolves when it is gone. Idempotent. */
  kill(): Promise<void>;
}

const root = join(import.meta.dirname, '..');

/** Resolves when it can be used. */
export async function startProcess(service: 'api' | 'scheduler', env: Environment): Promise<JobProcess> {
  const [port = 0, healthPort = 0] = await freePorts([undefined, undefined]);
  const url = `http://127.0.0.1:${port}`;
  const serves =
    service === 'api'
      ? { what: service, url, readyPath: '/openapi.json' }
      : { what: service, url: `http://127.0.0.1:${healthPort}`, readyPath: '/readyz' };
  const own = { API_HOST: '127.0.0.1', API_PORT: String(port), HEALTH_PORT: String(healthPort) };
  const spec: ProcessSpec = {
    name: `${service}-${port}`,
    entry: `services/${service}/main.ts`,
    env: { ...(env as Record<string, string>), ...own },
    serves,
    graceMs: 5_000,
  };
  const { PATH, HOME } = process.env;
  const place = { root, logDir: join(root, '.stack', 'test-logs'), env: { PATH, HOME } };
  const started = await SystemProcess.start(spec, place);
  const kill = async (): Promise<void> => {
    if (started.isRunning) process.kill(started.record.identity.pid, 'SIGKILL');
    await started.ended;
  };
  try {
    await started.ready(spec, AbortSignal.timeout(60_000));
  } catch (error) {
    await kill();
    throw error;
  }
  return { url, kill };
}
