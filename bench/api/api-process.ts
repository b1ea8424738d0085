/** The HTTP API in a process of its own, and what that process takes of the machine. */
import { writeFileSync } from 'node:fs';
import { freePorts } from '../../infra/local-stack/ports.ts';
import { createKey } from '../../shared/access/keys.ts';
import type { Scope } from '../../shared/access/api-key.ts';
import type { BenchSystem } from '../bench-system.ts';
import { compiled } from '../compiled.ts';
import { memoryMb } from '../process-memory.ts';
import { OWNER } from './seeded-jobs.ts';

export interface ApiProcess {
  readonly url: string;
  /** Bearer tokens, ready for the header; the operator is one of `OWNER`. */
  readonly as: Readonly<Record<'operator' | 'admin', string>>;
  /** Resident memory now, in MB. Only Linux tells it. */
  residentMb(): number;
  /** The most since the process began, or since this was asked for the last time. */
  peakMb(): number;
  stop(): Promise<void>;
}

export async function startApi(system: BenchSystem): Promise<ApiProcess> {
  const [port = 0, healthPort = 0] = await freePorts([undefined, undefined]);
  const env = {
    LOG_LEVEL: 'warn',
    API_HOST: '127.0.0.1',
    API_PORT: String(port),
    HEALTH_PORT: String(healthPort),
    // One key asks for everything here: its limit is not what is measured.
    API_RATE_LIMIT: '1000000/10s',
  };
  const url = `http://127.0.0.1:${port}`;
  const entry = compiled('services/api/main.ts');
  const started = await system.startProgram(entry, env);
  const serves = { what: 'HTTP API', url, readyPath: '/openapi.json' };
  const spec = { name: 'api', entry, env, serves, graceMs: 5_000 };
  await started.ready(spec, new AbortController().signal);
  const bearer = async (scope: Scope): Promise<string> => {
    const unlimited = { maxRunningJobs: 1_000, maxRows: 100_000_000 };
    const wish = { name: `bench ${scope}`, owner: OWNER, scope, ...unlimited };
    return `Bearer ${(await createKey({ pool: system.db, actor: 'bench' }, wish)).text}`;
  };
  const { pid } = started.record.identity;
  return {
    url,
    as: { operator: await bearer('operator'), admin: await bearer('admin') },
    residentMb: () => memoryMb(pid, 'VmRSS'),
    peakMb: () => {
      const peak = memoryMb(pid, 'VmHWM');
      // 5 = begin the peak anew (proc(5), clear_refs).
      writeFileSync(`/proc/${pid}/clear_refs`, '5');
      return peak;
    },
    stop: () => started.stop(),
  };
}
