import { listGroups } from '../postgres/dead-letter-search.ts';
import { listLanePauses } from '../postgres/lane-pauses.ts';
import type { Pool } from '../postgres/pool.ts';
import type { Connection } from '../rabbitmq/connection.ts';
import { readyCounts } from '../rabbitmq/ready-counts.ts';
import { readBeats } from '../redis/heartbeats.ts';
import { pipelines } from '../pipelines/registry.ts';
import { type Ready, waitingPlaces } from './backlog.ts';
import { listProviderReports, type ReportSources } from './list-provider-reports.ts';
import { type DeadLetterCause, statusOf, type SystemStatus } from './system-status.ts';

export interface SystemSources extends ReportSources {
  readonly connection: Connection;
}

/** One look at broker, Redis and database. Without the broker nobody knows what waits; rejects without one of the others. */
export async function lookAtSystem(sources: SystemSources): Promise<SystemStatus> {
  const { pool, redis, connection, configured } = sources;
  const places = waitingPlaces(pipelines, [...configured.keys()]);
  const [ready, beats, providers, pauses, deadLetters] = await Promise.all([
    readyIn(
      connection,
      places.flatMap(({ queues }) => queues),
    ),
    readBeats(redis),
    listProviderReports(sources),
    listLanePauses(pool),
    causesIn(pool),
  ]);
  return statusOf({ places, ready, beats, providers, pauses, deadLetters, now: Date.now() });
}

async function readyIn(connection: Connection, queues: readonly string[]): Promise<Ready | undefined> {
  if (!connection.isOpen) return undefined;
  return readyCounts(await connection.ready(), queues).catch(() => undefined);
}

async function causesIn(pool: Pool): Promise<readonly DeadLetterCause[]> {
  const groups = await listGroups(pool, {});
  return groups.map(({ fingerprint, pipeline, errorClass, provider, count }) => ({
    group: fingerprint,
    pipeline,
    cause: provider === null ? errorClass : `${provider}: ${errorClass}`,
    count,
  }));
}
