/**
 * Every metric of the project, as data: name, help, labels, buckets. Label values are bounded: queues, providers,
 * pipelines, lanes and fixed words, never ids. Where a task passes often, look the child up once: hashing labels costs
 * more than counting.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const TASK_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const REQUEST_SECONDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30];
const WAIT_SECONDS = [0.01, 0.05, 0.25, 1, 5, 15, 60];
const BATCH_ROWS = [1, 2, 5, 10, 25, 50, 100, 200];

const counter = <const Label extends string>(name: string, help: string, labels: readonly Label[]) =>
  ({ kind: 'counter', name, help, labels }) as const;
const gauge = <const Label extends string>(name: string, help: string, labels: readonly Label[]) =>
  ({ kind: 'gauge', name, help, labels }) as const;
const histogram = <const Label extends string>(
  name: string,
  help: string,
  labels: readonly Label[],
  buckets: readonly number[],
) => ({ kind: 'histogram', name, help, labels, buckets }) as const;

const METRICS = {
  tasksPublished: counter(
    'enrichment_tasks_published_total',
    'Messages published, by what the broker said.',
    ['queue', 'outcome'],
  ),
  tasksProcessed: counter(
    'enrichment_tasks_processed_total',
    'Deliveries settled, by what became of the task.',
    ['pipeline', 'lane', 'outcome'],
  ),
  taskSeconds: histogram(
    'enrichment_task_duration_seconds',
    'From delivery to settlement, in one stage.',
    ['pipeline', 'lane', 'outcome'],
    TASK_SECONDS,
  ),
  redeliveries: counter(
    'enrichment_redeliveries_total',
    'Deliveries that the broker had handed out before.',
    ['queue'],
  ),
  inFlight: gauge('enrichment_tasks_in_flight', 'Deliveries that are not settled.', ['queue']),
  prefetch: gauge('enrichment_worker_prefetch', 'Deliveries that the broker hands over at most.', ['queue']),
  apiCalls: counter('enrichment_api_calls_total', 'Requests to a provider, by outcome.', [
    'provider',
    'outcome',
  ]),
  requestSeconds: histogram(
    'enrichment_provider_request_duration_seconds',
    'Requests to a provider.',
    ['provider'],
    REQUEST_SECONDS,
  ),
  slotWaitSeconds: histogram(
    'enrichment_provider_rate_limit_wait_seconds',
    'Waiting for a slot at the gate.',
    ['provider'],
    WAIT_SECONDS,
  ),
  gateFallbacks: counter(
    'enrichment_gate_fallbacks_total',
    'Slots given by the local limiter because Redis was away.',
    ['provider'],
  ),
  lookUps: counter('enrichment_look_ups_total', 'Look-ups by what they came to.', ['provider', 'kind']),
  cacheHits: counter('enrichment_cache_hits_total', 'Answers that were in the cache.', ['provider']),
  cacheMisses: counter(
    'enrichment_cache_misses_total',
    'Answers that were not in the cache when they were needed.',
    ['provider'],
  ),
  responseCacheHits: counter(
    'enrichment_response_cache_hits_total',
    'Requests that the response cache spared.',
    ['provider'],
  ),
  cost: counter('enrichment_provider_cost_usd_total', 'Price of the requests made.', ['provider']),
  redisErrors: counter(
    'enrichment_redis_errors_total',
    'Accesses to Redis that failed and were done without.',
    ['use'],
  ),
  brokerConnected: gauge('enrichment_broker_connected', '1 while the connection is open.', ['role']),
  brokerBlocked: gauge('enrichment_broker_blocked', '1 while the broker takes no messages.', ['role']),
  consumerCancelled: counter('enrichment_consumer_cancelled_total', 'Consumers that the broker cancelled.', [
    'queue',
  ]),
  deadLetters: counter('enrichment_dead_letters_total', 'Tasks given up on.', ['pipeline', 'reason']),
  deadLettersWaiting: gauge('enrichment_dead_letters_waiting', 'Messages in the dead-letter queue.', [
    'pipeline',
  ]),
  deadLettersUnindexed: gauge(
    'enrichment_dead_letters_unindexed',
    'Messages in the dead-letter queue less what its index says: 0 but for moments.',
    ['pipeline'],
  ),
  deadLetterOldest: gauge(
    'enrichment_dead_letters_oldest_age_seconds',
    'Since the death of the oldest dead letter; 0 without one.',
    ['pipeline'],
  ),
  writeRows: histogram('enrichment_write_batch_rows', 'Rows of one commit.', [], BATCH_ROWS),
  writeSeconds: histogram('enrichment_write_duration_seconds', 'One commit.', [], TASK_SECONDS),
  poolConnections: gauge('enrichment_db_pool_connections', 'Connections to Postgres.', ['state']),
  buildInfo: gauge('enrichment_build_info', 'Always 1; the labels tell what runs.', [
    'version',
    'service',
    'node_version',
  ]),
} as const;

type Definitions = typeof METRICS;
type MetricOf<D> = D extends { kind: 'counter'; labels: readonly (infer L extends string)[] }
  ? Counter<L>
  : D extends { kind: 'gauge'; labels: readonly (infer L extends string)[] }
    ? Gauge<L>
    : D extends { kind: 'histogram'; labels: readonly (infer L extends string)[] }
      ? Histogram<L>
      : never;

export type Metrics = { readonly [Name in keyof Definitions]: MetricOf<Definitions[Name]> } & {
  readonly registry: Registry;
};

/** One registry with all metrics and those of the Node process. */
export function openMetrics(build: { readonly version: string; readonly service: string }): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const opened = Object.entries(METRICS).map(
    ([name, definition]) => [name, openMetric(definition, registry)] as const,
  );
  const metrics = { ...Object.fromEntries(opened), registry } as unknown as Metrics;
  metrics.buildInfo.set({ ...build, node_version: process.version }, 1);
  return metrics;
}

function openMetric(
  definition: Definitions[keyof Definitions],
  registry: Registry,
): Counter | Gauge | Histogram {
  const { kind, name, help, labels } = definition;
  const shape = { name, help, labelNames: [...labels], registers: [registry] };
  if (kind === 'counter') return new Counter(shape);
  if (kind === 'gauge') return new Gauge(shape);
  return new Histogram({ ...shape, buckets: [...definition.buckets] });
}
