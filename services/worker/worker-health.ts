import type { HealthReport } from '../../shared/observability/health-server.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import type { Pool } from '../../shared/postgres/pool.ts';
import type { Connection } from '../../shared/rabbitmq/connection.ts';
import { isStuck, type Progress } from './progress.ts';
import type { ResultWriter } from './result-writer.ts';
import type { Stage } from './stage.ts';

export interface WatchedWorker {
  readonly stages: readonly Stage[];
  readonly writer: ResultWriter;
  readonly publishing: Connection;
  readonly consuming: Connection;
  readonly metrics: Metrics;
  readonly pool: Pool;
  readonly stopping: AbortSignal;
}

const GAUGES_EVERY_MS = 1_000;

/** Alive: it makes progress with what it holds. Ready: connected, consuming, able to write, and not on its way out. */
export function watchWorker(worker: WatchedWorker): {
  health: () => HealthReport;
  readiness: () => HealthReport;
} {
  const { stages, writer, publishing, consuming, stopping } = worker;
  const gauges = setInterval(() => {
    setGauges(worker);
  }, GAUGES_EVERY_MS);
  gauges.unref();
  stopping.addEventListener('abort', () => {
    clearInterval(gauges);
  });
  return {
    health: () => {
      const progress = progressOf(worker);
      const isServerAway =
        writer.isFailing || !publishing.isOpen || !consuming.isOpen || publishing.isBlocked;
      return { ok: !isStuck(progress, isServerAway), details: { ...progress } };
    },
    readiness: () => {
      const consumers = stages.filter(({ consumer }) => consumer.isConsuming).length;
      const details = {
        rabbitmq: publishing.isOpen && consuming.isOpen,
        blocked: publishing.isBlocked,
        consumers: `${consumers} of ${stages.length}`,
        postgres: !writer.isFailing,
        stopping: stopping.aborted,
      };
      return { ok: details.rabbitmq && consumers > 0 && details.postgres && !details.stopping, details };
    },
  };
}

function progressOf({ stages, writer }: WatchedWorker): Progress {
  const consumers = stages.map(({ consumer }) => consumer);
  return {
    oldestHeldMs: Math.round(Math.max(0, ...consumers.map(({ oldestHeldMs }) => oldestHeldMs))),
    sinceSettledMs: Math.round(Math.min(...consumers.map(({ sinceSettledMs }) => sinceSettledMs))),
    uncommitted: writer.backlog,
    sinceCommitMs: Math.round(writer.idleMs),
  };
}

function setGauges({ stages, publishing, consuming, metrics, pool }: WatchedWorker): void {
  for (const { consumer } of stages) metrics.inFlight.set({ queue: consumer.queue }, consumer.held);
  metrics.brokerConnected.set({ role: 'publish' }, Number(publishing.isOpen));
  metrics.brokerConnected.set({ role: 'consume' }, Number(consuming.isOpen));
  metrics.brokerBlocked.set({ role: 'publish' }, Number(publishing.isBlocked));
  metrics.poolConnections.set({ state: 'total' }, pool.totalCount);
  metrics.poolConnections.set({ state: 'idle' }, pool.idleCount);
  metrics.poolConnections.set({ state: 'waiting' }, pool.waitingCount);
}
