/** Loads for which the recording rules have to say what `workersWanted` says: one formula, written down twice. */
import { type LaneLoad, type ProviderLoad, workersWanted } from '../../shared/controls/workers-wanted.ts';
import type { Yaml } from '../yaml.ts';
import type { Series } from './alert.ts';

const IDLE: LaneLoad = { lane: 'priority', entry: 0, bestPerSecond: 0, providers: [] };
const FAST: ProviderLoad = {
  provider: 'spotify',
  isWaitedFor: true,
  perMinute: 600,
  meanSeconds: 0.2,
  inFlightLimit: 10,
};
const SLOW: ProviderLoad = { ...FAST, provider: 'lastfm', meanSeconds: 4.1 };

const LOADS: readonly LaneLoad[] = [
  IDLE,
  { ...IDLE, entry: 9_100 },
  { ...IDLE, entry: 9_100, bestPerSecond: 150 },
  { ...IDLE, lane: 'backlog', entry: 91_000 },
  { ...IDLE, providers: [FAST] },
  { ...IDLE, providers: [FAST, SLOW] },
  { ...IDLE, providers: [FAST, { ...SLOW, isWaitedFor: false }] },
  { ...IDLE, providers: [{ ...SLOW, meanSeconds: undefined }] },
  { ...IDLE, entry: 31_000, providers: [SLOW] },
];

const AT = 20;

export const workersWantedTests = (): readonly Yaml[] =>
  LOADS.map((load) => {
    const { workers, by } = workersWanted(load);
    const record = `enrichment:workers_wanted{lane="${load.lane}"}`;
    return {
      name: `${load.lane}: ${workers} wanted by ${by}, ${load.entry} at the entry`,
      interval: '1m',
      input_series: Object.entries(seriesOf(load)).map(([selector, values]) => ({
        series: selector,
        values,
      })),
      promql_expr_test: [
        { expr: record, eval_time: `${AT}m`, exp_samples: [{ labels: record, value: workers }] },
      ],
    };
  });

function seriesOf({ lane, entry, bestPerSecond, providers }: LaneLoad): Series {
  const waiting = (stage: string): string =>
    `enrichment_waiting_tasks{pipeline="tracks",lane="${lane}",stage="${stage}"}`;
  return Object.fromEntries([
    [waiting('entry'), `${entry}x${AT}`],
    ['up{job="enrichment-worker",instance="a"}', `1x${AT}`],
    [
      'enrichment_tasks_processed_total{pipeline="tracks",lane="priority",outcome="enriched"}',
      `0+${bestPerSecond * 60}x${AT}`,
    ],
    ...providers.flatMap(({ provider, isWaitedFor, perMinute, meanSeconds, inFlightLimit }) => [
      [waiting(provider), `${isWaitedFor ? 1_000 : 0}x${AT}`],
      [`enrichment_provider_rate_limit_limit{provider="${provider}"}`, `${perMinute}x${AT}`],
      ...(meanSeconds === undefined
        ? []
        : [
            [
              `enrichment_provider_request_duration_seconds_sum{provider="${provider}"}`,
              `0+${perMinute * meanSeconds}x${AT}`,
            ],
            [
              `enrichment_provider_request_duration_seconds_count{provider="${provider}"}`,
              `0+${perMinute}x${AT}`,
            ],
          ]),
      ...(inFlightLimit === undefined
        ? []
        : [
            [
              `enrichment_provider_requests_in_flight_limit{provider="${provider}"}`,
              `${inFlightLimit}x${AT}`,
            ],
          ]),
    ]),
  ]) as Series;
}
