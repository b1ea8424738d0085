import type { AlertGroup } from '../alert.ts';
import { QUICK_REQUESTS } from '../names.ts';
import {
  API_ERROR_BUDGET,
  API_SLOW_BUDGET,
  API_SLOW_SECONDS,
  type Burn,
  burns,
  FAST_BURN,
  SLOW_BURN,
} from '../objectives.ts';

const UP = 'up{job="api",instance="a1"}';
const well = 'enrichment_http_requests_total{method="GET",route="/v1/jobs",status="200"}';
const failed = 'enrichment_http_requests_total{method="GET",route="/v1/jobs",status="503"}';
const SECONDS = 'enrichment_http_request_duration_seconds';
const quick = `${SECONDS}_bucket{method="GET",route="/v1/jobs/:id",le="${API_SLOW_SECONDS}"}`;
const all = `${SECONDS}_count{method="GET",route="/v1/jobs/:id"}`;
const watched = `${SECONDS}_count{method="GET",route="/v1/jobs/:id/events"}`;
const watchedQuickly = `${SECONDS}_bucket{method="GET",route="/v1/jobs/:id/events",le="${API_SLOW_SECONDS}"}`;

/** Of fewer requests a single one says too much. */
const failing = (burn: Burn): string =>
  `${burns('enrichment:api_error_ratio', API_ERROR_BUDGET, burn)} and sum(increase(enrichment_http_requests_total[${burn.long}])) > 1000`;
const slow = (burn: Burn): string =>
  `${burns('enrichment:api_slow_ratio', API_SLOW_BUDGET, burn)} and sum(increase(${SECONDS}_count{${QUICK_REQUESTS}}[${burn.long}])) > 100`;

export const apiAlerts: AlertGroup = {
  name: 'enrichment.api',
  alerts: [
    {
      name: 'EnrichmentApiAbsent',
      severity: 'critical',
      expr: 'absent(up{job="api"} == 1)',
      for: '2m',
      summary: 'no process of the HTTP API is up',
      description: 'Nobody can submit or watch jobs over HTTP. What was accepted is worked on all the same.',
      dashboard: 'enrichment-jobs',
      fires: { series: { [UP]: '0x10' }, at: '5m', summary: 'no process of the HTTP API is up' },
      silent: { series: { [UP]: '0x10', 'up{job="api",instance="a2"}': '1x10' }, at: '5m' },
    },
    {
      name: 'EnrichmentApiErrorsFastBurn',
      severity: 'critical',
      slo: 'api',
      expr: failing(FAST_BURN),
      for: '2m',
      summary:
        '{{ $value | humanizePercentage }} of the API requests of an hour failed: 14.4 times what the objective allows',
      description: 'A fiftieth of the budget of a month goes every hour.',
      dashboard: 'enrichment-slo',
      fires: {
        series: { [well]: '0+96x90', [failed]: '0+4x90' },
        at: '80m',
        summary: '4% of the API requests of an hour failed: 14.4 times what the objective allows',
      },
      silent: { series: { [well]: '0+99x90', [failed]: '0+1x90' }, at: '80m' },
    },
    {
      name: 'EnrichmentApiErrorsSlowBurn',
      severity: 'warning',
      slo: 'api',
      expr: failing(SLOW_BURN),
      for: '15m',
      summary:
        '{{ $value | humanizePercentage }} of the API requests of six hours failed: 6 times what the objective allows',
      description: 'The budget of a month is gone within five days.',
      dashboard: 'enrichment-slo',
      fires: {
        series: { [well]: '0+99x500', [failed]: '0+1x500' },
        at: '480m',
        summary: '1% of the API requests of six hours failed: 6 times what the objective allows',
      },
      // As large a share of a few requests at night.
      silent: { series: { [well]: '0+1x500', [failed]: '0x400 0+1x100' }, at: '480m' },
    },
    {
      name: 'EnrichmentApiSlowFastBurn',
      severity: 'critical',
      slo: 'api-latency',
      expr: slow(FAST_BURN),
      for: '2m',
      summary:
        '{{ $value | humanizePercentage }} of the API requests of an hour took more than a quarter of a second',
      description: 'Applications wait for answers that need no work but a look into the database.',
      dashboard: 'enrichment-slo',
      fires: {
        series: { [quick]: '0+80x90', [all]: '0+100x90' },
        at: '80m',
        summary: '20% of the API requests of an hour took more than a quarter of a second',
      },
      // A stream lasts as long as it is watched.
      silent: {
        series: {
          [quick]: '0+99x90',
          [all]: '0+100x90',
          [watched]: '0+100x90',
          [watchedQuickly]: '0x90',
        },
        at: '80m',
      },
    },
    {
      name: 'EnrichmentApiSlowSlowBurn',
      severity: 'warning',
      slo: 'api-latency',
      expr: slow(SLOW_BURN),
      for: '15m',
      summary:
        '{{ $value | humanizePercentage }} of the API requests of six hours took more than a quarter of a second',
      description: 'The budget of a month is gone within five days.',
      dashboard: 'enrichment-slo',
      fires: {
        series: { [quick]: '0+90x500', [all]: '0+100x500' },
        at: '480m',
        summary: '10% of the API requests of six hours took more than a quarter of a second',
      },
      silent: { series: { [quick]: '0+95x500', [all]: '0+100x500' }, at: '480m' },
    },
  ],
};
