/**
 * Every metric of the project, as data: name, help, labels, buckets. This is the only place that knows them: the code,
 * docs/metrics.md and the tests of rules and dashboards take them from here. Label values are bounded: queues, providers,
 * pipelines, lanes and fixed words (metric-labels.ts), never ids. Edges of buckets are where rules and dashboards draw
 * their lines.
 */

import { httpMetrics } from './http-metrics.ts';
import { jobMetrics } from './job-metrics.ts';
import { counter, gauge, histogram } from './metric-kinds.ts';

const TASK_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const REQUEST_SECONDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30];
const WAIT_SECONDS = [0.01, 0.05, 0.25, 1, 5, 15, 60];
/** Messages carry whole seconds: finer edges would say nothing. */
const AGE_SECONDS = [1, 2, 5, 15, 30, 60, 300, 900, 3_600, 14_400, 86_400];
const TRIES = [0, 1, 2, 3, 5, 8, 13];
const BATCH_ROWS = [1, 2, 5, 10, 25, 50, 100, 200];

const tasks = {
  tasksPublished: counter(
    'enrichment_tasks_published_total',
    'Messages published, by the queue that they went to and what the broker said.',
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
  queueWaitSeconds: histogram(
    'enrichment_task_queue_wait_seconds',
    'From publishing to the first pick-up; messages without a timestamp are left out.',
    ['queue'],
    AGE_SECONDS,
  ),
  turnaroundSeconds: histogram(
    'enrichment_task_turnaround_seconds',
    'From publishing to the committed result; messages without a timestamp are left out.',
    ['pipeline', 'lane'],
    AGE_SECONDS,
  ),
  attempts: histogram(
    'enrichment_task_attempts',
    'Look-ups tried for a task until it was settled; 0 = every answer came from the cache.',
    ['pipeline'],
    TRIES,
  ),
  redeliveries: counter(
    'enrichment_redeliveries_total',
    'Deliveries that the broker had handed out before.',
    ['queue'],
  ),
  inFlight: gauge('enrichment_tasks_in_flight', 'Deliveries that are not settled.', ['queue']),
  prefetch: gauge('enrichment_worker_prefetch', 'Deliveries that the broker hands over at most.', ['queue']),
  writeRows: histogram('enrichment_write_batch_rows', 'Rows of one commit.', [], BATCH_ROWS),
  writeSeconds: histogram('enrichment_write_duration_seconds', 'One commit.', [], TASK_SECONDS),
};

const backlog = {
  waiting: gauge(
    'enrichment_waiting_tasks',
    'Tasks that wait or are worked on, by the stage that they are in. Exported by one process for all.',
    ['pipeline', 'lane', 'stage'],
  ),
  oldestAge: gauge(
    'enrichment_oldest_task_age_seconds',
    'Since the publishing of the oldest task that is not settled; 0 without one. Exported by one process for all.',
    ['pipeline', 'lane'],
  ),
  backlogSeenAt: gauge(
    'enrichment_backlog_seen_timestamp_seconds',
    'When the process that exports what waits saw broker and Redis last.',
    [],
  ),
};

const deadLetters = {
  deadLetters: counter('enrichment_dead_letters_total', 'Tasks given up on.', ['pipeline', 'reason']),
  deadLettersWaiting: gauge('enrichment_dead_letters_waiting', 'Messages in the dead-letter queue.', [
    'pipeline',
  ]),
  deadLettersByReason: gauge(
    'enrichment_dlq_messages',
    'Dead letters in the index that are still in their queue, by why they died.',
    ['pipeline', 'reason'],
  ),
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
};

const providers = {
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
  requestsLimit: gauge(
    'enrichment_provider_requests_in_flight_limit',
    'Requests that this process has under way at most.',
    ['provider'],
  ),
  lookUps: counter('enrichment_look_ups_total', 'Look-ups by what they came to.', ['provider', 'kind']),
  cacheHits: counter('enrichment_cache_hits_total', 'Answers that were in the cache.', ['provider']),
  cacheMisses: counter(
    'enrichment_cache_misses_total',
    'Answers that were not in the cache when they were needed.',
    ['provider'],
  ),
  staleAnswers: counter(
    'enrichment_stale_answers_total',
    'Cached answers that were given after their time, while a new one is asked for.',
    ['provider'],
  ),
  responseCacheHits: counter(
    'enrichment_response_cache_hits_total',
    'Requests that the response cache spared.',
    ['provider'],
  ),
  cost: counter('enrichment_provider_cost_usd_total', 'Price of the requests made.', ['provider']),
};

/** Of the gates, which are the same for all workers: exported by the process that exports what waits. */
const gates = {
  rateLimit: gauge(
    'enrichment_provider_rate_limit_limit',
    'Requests a minute that are allowed now: the rate in force times what was learned.',
    ['provider'],
  ),
  rateRemaining: gauge(
    'enrichment_provider_rate_limit_remaining',
    'Requests of the last minute that were allowed and not made.',
    ['provider'],
  ),
  rateFactor: gauge(
    'enrichment_provider_rate_factor',
    'Learned share of the rate: halved by a 429, then raised step by step.',
    ['provider'],
  ),
  circuitState: gauge(
    'enrichment_provider_circuit_state',
    '1 for the state that the circuit is in, 0 for the other.',
    ['provider', 'state'],
  ),
  condition: gauge(
    'enrichment_provider_state',
    '1 for the condition that the provider is in, 0 for the others.',
    ['provider', 'state'],
  ),
  budgetRemaining: gauge(
    'enrichment_provider_budget_remaining',
    'Requests left of the daily budget; absent without one.',
    ['provider'],
  ),
  eta: gauge(
    'enrichment_provider_eta_seconds',
    'Until everything that waits for the provider is asked, at the rate in force; absent while nobody can tell.',
    ['provider'],
  ),
};

const processes = {
  redisErrors: counter(
    'enrichment_redis_errors_total',
    'Accesses to Redis that failed and were done without.',
    ['use'],
  ),
  brokerConnected: gauge('enrichment_broker_connected', '1 while the connection is open.', ['role']),
  brokerBlocked: gauge('enrichment_broker_blocked', '1 while the broker takes no messages.', ['role']),
  brokerReconnects: counter(
    'enrichment_broker_reconnects_total',
    'Connections to the broker that were opened after the first one.',
    ['role'],
  ),
  consumerCancelled: counter('enrichment_consumer_cancelled_total', 'Consumers that the broker cancelled.', [
    'queue',
  ]),
  poolConnections: gauge('enrichment_db_pool_connections', 'Connections to Postgres.', ['state']),
  buildInfo: gauge('enrichment_build_info', 'Always 1; the labels tell what runs.', [
    'version',
    'service',
    'node_version',
  ]),
};

const schedules = {
  scheduleRuns: counter('enrichment_schedule_runs_total', 'Turns of schedules, by what came of them.', [
    'schedule',
    'outcome',
  ]),
};

export const METRICS = {
  ...tasks,
  ...backlog,
  ...deadLetters,
  ...providers,
  ...gates,
  ...schedules,
  ...jobMetrics,
  ...processes,
  ...httpMetrics,
} as const;
