/** Exports what waits and how providers do: one scheduler of all, the one that holds the lease. */
import { setTimeout as delay } from 'node:timers/promises';
import { SystemGauges, type SystemGaugesOptions } from '../../shared/controls/system-gauges.ts';
import type { Log } from '../../shared/observability/log.ts';
import { holdExporterLease } from '../../shared/redis/exporter-lease.ts';

export interface ExportOptions extends SystemGaugesOptions {
  readonly log: Log;
  /** Unique to this process. */
  readonly holder: string;
  readonly stopping: AbortSignal;
  readonly everyMs?: number;
}

const EVERY_MS = 5_000;
/** Looks that may fail or come late before another process takes over. */
const LEASE_LOOKS = 3;

/** Until the process stops. What cannot be seen is not exported: an old number would be taken for a new one. */
export async function exportGauges(options: ExportOptions): Promise<void> {
  const { redis, log, holder, stopping, everyMs = EVERY_MS } = options;
  const gauges = new SystemGauges(options);
  while (!stopping.aborted) {
    try {
      if (await holdExporterLease(redis, holder, { ms: everyMs * LEASE_LOOKS })) await gauges.look();
      else gauges.forget();
    } catch (error) {
      gauges.forget();
      log.debug('what waits cannot be seen', { error: (error as Error).message });
    }
    await delay(everyMs, undefined, { signal: stopping }).catch(() => undefined);
  }
}
