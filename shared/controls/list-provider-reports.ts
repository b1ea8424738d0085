import { findProviderState } from '../postgres/provider-state.ts';
import type { Connection } from '../rabbitmq/connection.ts';
import { messagesIn } from '../rabbitmq/declare.ts';
import { laneQueue, providerPrefix } from '../rabbitmq/topology.ts';
import { readGate } from '../redis/gate-report.ts';
import { readBeats } from '../redis/heartbeats.ts';
import type { Lane } from '../task/task.ts';
import type { Controls } from './controls.ts';
import { type ProviderFacts, type ProviderReport, reportOf } from './provider-report.ts';

export interface ReportSources extends Pick<Controls, 'pool' | 'redis'> {
  /** Absent = nobody knows what waits. */
  readonly connection?: Connection;
  readonly configured: ReadonlyMap<string, ProviderFacts['configured']>;
}

/** All providers, in the order of `configured`. A broker that is away leaves what waits unknown. */
export async function listProviderReports(sources: ReportSources): Promise<readonly ProviderReport[]> {
  const { pool, redis, configured } = sources;
  const beats = await readBeats(redis);
  const reports = [...configured].map(async ([name, settings]): Promise<ProviderReport> => {
    const [gate, priority, backlog] = await Promise.all([
      readGate(redis, name),
      ready(sources.connection, name, 'priority'),
      ready(sources.connection, name, 'backlog'),
    ]);
    return reportOf({
      name,
      configured: settings,
      gate: gate ?? (await findProviderState(pool, name)),
      beats: beats.flatMap(({ providers }) => providers[name] ?? []),
      ready: { priority, backlog },
      now: Date.now(),
    });
  });
  return Promise.all(reports);
}

async function ready(
  connection: Connection | undefined,
  provider: string,
  lane: Lane,
): Promise<number | undefined> {
  if (connection?.isOpen !== true) return undefined;
  return messagesIn(await connection.ready(), laneQueue(providerPrefix(provider), lane)).catch(
    () => undefined,
  );
}
