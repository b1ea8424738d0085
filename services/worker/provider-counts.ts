import type { Metrics } from '../../shared/observability/metrics.ts';
import type { ProviderBeat } from '../../shared/redis/heartbeats.ts';
import { LastMinute } from './last-minute.ts';

export type Counts = Pick<ProviderBeat, 'requests' | 'errors' | 'cacheHits' | 'cacheMisses' | 'latency'> & {
  readonly requestSeconds: number;
};

export const NO_COUNTS: Counts = {
  requests: 0,
  errors: 0,
  cacheHits: 0,
  cacheMisses: 0,
  requestSeconds: 0,
  latency: [],
};

/** Totals since the start, of one provider. `within` = requests by the bound of seconds that they stayed within. */
interface Totals {
  requests: number;
  errors: number;
  cacheHits: number;
  cacheMisses: number;
  requestSeconds: number;
  readonly within: Map<number, number>;
}
type Snapshot = ReadonlyMap<string, Totals>;

/** The last minute by provider, as the difference of what the process's metrics say now and said then. */
export class ProviderCounts {
  readonly #metrics: Metrics;
  readonly #totals = new LastMinute<Snapshot>();

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  async lastMinute(): Promise<ReadonlyMap<string, Counts>> {
    const now = await totalsOf(this.#metrics);
    const before = this.#totals.before(now);
    return new Map([...now].map(([name, totals]) => [name, since(before.get(name), totals)]));
  }
}

const since = (before: Totals | undefined, now: Totals): Counts => ({
  requests: now.requests - (before?.requests ?? 0),
  errors: now.errors - (before?.errors ?? 0),
  cacheHits: now.cacheHits - (before?.cacheHits ?? 0),
  cacheMisses: now.cacheMisses - (before?.cacheMisses ?? 0),
  requestSeconds: now.requestSeconds - (before?.requestSeconds ?? 0),
  latency: [...now.within].map(([bound, count]) => [bound, count - (before?.within.get(bound) ?? 0)]),
});

async function totalsOf(metrics: Metrics): Promise<Snapshot> {
  const found = new Map<string, Totals>();
  const of = (name: unknown): Totals => {
    const key = String(name);
    const totals = found.get(key) ?? {
      requests: 0,
      errors: 0,
      cacheHits: 0,
      cacheMisses: 0,
      requestSeconds: 0,
      within: new Map(),
    };
    found.set(key, totals);
    return totals;
  };
  for (const { labels, value } of (await metrics.apiCalls.get()).values) {
    const totals = of(labels.provider);
    totals.requests += value;
    if (labels.outcome !== 'ok') totals.errors += value;
  }
  for (const { labels, value } of (await metrics.cacheHits.get()).values)
    of(labels.provider).cacheHits += value;
  for (const { labels, value } of (await metrics.cacheMisses.get()).values)
    of(labels.provider).cacheMisses += value;
  for (const { labels, value, metricName } of (await metrics.requestSeconds.get()).values) {
    const bound = Number((labels as { readonly le?: string | number }).le);
    if (metricName?.endsWith('_bucket') === true && Number.isFinite(bound))
      of(labels.provider).within.set(bound, value);
    if (metricName?.endsWith('_sum') === true) of(labels.provider).requestSeconds += value;
  }
  return found;
}
