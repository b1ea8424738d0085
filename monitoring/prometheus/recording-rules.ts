/** Series that rules, dashboards and people share. Their names say level:metric:operation. */
import { ENTRY_TARGET_SECONDS, LEAST_WORKER_RATE } from '../../shared/controls/workers-wanted.ts';
import { entryQueues, JUDGED, QUICK_REQUESTS, SETTLED, WORKERS } from './names.ts';
import { API_SLOW_SECONDS, BURN_WINDOWS } from './objectives.ts';

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

const HTTP_SECONDS = 'enrichment_http_request_duration_seconds';
const PROCESSED = 'enrichment_tasks_processed_total';

/**
 * Of nothing there is no share: 0 / 0 would be recorded as a sample that is no number, and every average over it is none
 * either, for as long as its window reaches back.
 */
const share = (part: string, whole: string): string => `${part} / (${whole} > 0)`;

const ratios: readonly RecordingRule[] = [
  {
    record: 'enrichment:success_ratio:rate15m',
    expr: `1 - ${share(
      `sum by (pipeline) (rate(${PROCESSED}{outcome="dead"}[15m]))`,
      `sum by (pipeline) (rate(${PROCESSED}{outcome=~"${JUDGED}"}[15m]))`,
    )}`,
  },
  {
    record: 'enrichment:match_ratio:rate15m',
    expr: share(
      `sum by (pipeline) (rate(${PROCESSED}{outcome="enriched"}[15m]))`,
      `sum by (pipeline) (rate(${PROCESSED}{outcome=~"${JUDGED}"}[15m]))`,
    ),
  },
  {
    record: 'enrichment:cache_hit_ratio:rate15m',
    expr: share(
      'sum by (provider) (rate(enrichment_cache_hits_total[15m]))',
      'sum by (provider) (rate(enrichment_cache_hits_total[15m])) + sum by (provider) (rate(enrichment_cache_misses_total[15m]))',
    ),
  },
  {
    record: 'enrichment:provider_429_ratio:rate5m',
    expr: share(
      'sum by (provider) (rate(enrichment_api_calls_total{outcome="rate_limited"}[5m]))',
      'sum by (provider) (rate(enrichment_api_calls_total[5m]))',
    ),
  },
];

const backlog: readonly RecordingRule[] = [
  { record: 'enrichment:waiting:sum', expr: 'sum by (pipeline, lane) (enrichment_waiting_tasks)' },
  {
    record: 'enrichment:settled:rate10m',
    expr: `sum by (pipeline, lane) (rate(${PROCESSED}{outcome=~"${SETTLED}"}[10m]))`,
  },
  {
    record: 'enrichment:drain_seconds:estimate',
    expr: 'enrichment:waiting:sum / clamp_min(enrichment:settled:rate10m, 0.001)',
  },
];

/** Workers by lane: shared/controls/workers-wanted.ts in PromQL, with the best rate of a day as that of a worker. */
const workersWanted: readonly RecordingRule[] = [
  {
    record: 'enrichment:worker_rate:rate5m',
    expr: `sum(rate(${PROCESSED}[5m])) / count(up{job=~"${WORKERS}"} == 1)`,
  },
  {
    record: 'enrichment:worker_rate:max1d',
    expr: `clamp_min(max_over_time(enrichment:worker_rate:rate5m[1d]), ${LEAST_WORKER_RATE}) or vector(${LEAST_WORKER_RATE})`,
  },
  {
    record: 'enrichment:workers_useful:provider',
    expr:
      'clamp_min(ceil(max by (provider) (enrichment_provider_rate_limit_limit) / 60 * on (provider) (sum by (provider) (rate(enrichment_provider_request_duration_seconds_sum[10m])) / sum by (provider) (rate(enrichment_provider_request_duration_seconds_count[10m])) >= 0) / on (provider) max by (provider) (enrichment_provider_requests_in_flight_limit)), 1) ' +
      'or on (provider) max by (provider) (enrichment_provider_rate_limit_limit) * 0 + 1',
  },
  {
    record: 'enrichment:workers_wanted:entry',
    expr: Object.entries(ENTRY_TARGET_SECONDS)
      .map(
        ([lane, seconds]) =>
          `ceil(sum by (lane) (enrichment_waiting_tasks{stage="entry",lane="${lane}"}) / (${seconds} * scalar(enrichment:worker_rate:max1d)))`,
      )
      .join(' or '),
  },
  {
    record: 'enrichment:workers_wanted:provider',
    expr: 'max by (lane) ((label_replace(sum by (lane, stage) (enrichment_waiting_tasks) > 0, "provider", "$1", "stage", "(.+)") * 0 + 1) * on (provider) group_left () enrichment:workers_useful:provider)',
  },
  {
    record: 'enrichment:workers_wanted',
    expr: 'clamp_min(max by (lane) (label_replace(enrichment:workers_wanted:entry, "by", "entry", "", "") or label_replace(enrichment:workers_wanted:provider, "by", "provider", "", "")), 1)',
  },
];

/** Shares of the tasks and of the API requests that fail an objective, over the windows of the burn rates. */
const objectives: readonly RecordingRule[] = BURN_WINDOWS.flatMap((window) => [
  {
    record: `enrichment:task_error_ratio:rate${window}`,
    expr: share(
      `sum(rate(${PROCESSED}{outcome="dead"}[${window}]))`,
      `sum(rate(${PROCESSED}{outcome=~"${JUDGED}"}[${window}]))`,
    ),
  },
  {
    record: `enrichment:task_late_ratio:rate${window}`,
    expr: `1 - ${share(
      `sum(rate(enrichment_task_queue_wait_seconds_bucket{queue=~"${entryQueues(['priority'])}",le="60"}[${window}]))`,
      `sum(rate(enrichment_task_queue_wait_seconds_count{queue=~"${entryQueues(['priority'])}"}[${window}]))`,
    )}`,
  },
  {
    record: `enrichment:api_error_ratio:rate${window}`,
    // Of the status of a failure there is no series before the first one.
    expr: share(
      `(sum(rate(enrichment_http_requests_total{status=~"5.."}[${window}])) or vector(0))`,
      `sum(rate(enrichment_http_requests_total[${window}]))`,
    ),
  },
  {
    record: `enrichment:api_slow_ratio:rate${window}`,
    expr: `1 - ${share(
      `sum(rate(${HTTP_SECONDS}_bucket{${QUICK_REQUESTS},le="${API_SLOW_SECONDS}"}[${window}]))`,
      `sum(rate(${HTTP_SECONDS}_count{${QUICK_REQUESTS}}[${window}]))`,
    )}`,
  },
]);

export const RECORDING_GROUPS: readonly {
  readonly name: string;
  readonly rules: readonly RecordingRule[];
}[] = [
  { name: 'enrichment.ratios', rules: ratios },
  { name: 'enrichment.backlog', rules: backlog },
  { name: 'enrichment.workers_wanted', rules: workersWanted },
  { name: 'enrichment.objectives', rules: objectives },
];
