import type { AlertGroup } from '../alert.ts';
import { burns, FAST_BURN, OVERSPENT, SLOW_BURN, TASK_BUDGET } from '../objectives.ts';

const enriched = 'enrichment_tasks_processed_total{pipeline="tracks",lane="priority",outcome="enriched"}';
const dead = 'enrichment_tasks_processed_total{pipeline="tracks",lane="priority",outcome="dead"}';
const late = 'enrichment_task_queue_wait_seconds_bucket{queue="metadata_enrichment_queue",le="60"}';
const started = 'enrichment_task_queue_wait_seconds_count{queue="metadata_enrichment_queue"}';

const ERRORS = 'enrichment:task_error_ratio';
const LATE = 'enrichment:task_late_ratio';

export const workAlerts: AlertGroup = {
  name: 'enrichment.work',
  alerts: [
    {
      name: 'EnrichmentSuccessRatioLow',
      severity: 'critical',
      expr: 'enrichment:success_ratio:rate15m < 0.85 and on (pipeline) sum by (pipeline) (rate(enrichment_tasks_processed_total[15m])) > 0.1',
      for: '10m',
      summary:
        '{{ $labels.pipeline }}: only {{ $value | humanizePercentage }} of the tasks end other than dead',
      description: 'Many tasks are given up on. They are kept in the dead-letter queue.',
      dashboard: 'enrichment-pipeline',
      fires: {
        series: { [enriched]: '0+80x60', [dead]: '0+20x60' },
        at: '40m',
        labels: { pipeline: 'tracks' },
        summary: 'tracks: only 80% of the tasks end other than dead',
      },
      silent: { series: { [enriched]: '0+4x60', [dead]: '0+1x60' }, at: '40m' },
    },
    {
      name: 'EnrichmentErrorBudgetFastBurn',
      severity: 'critical',
      slo: 'tasks',
      expr: burns(ERRORS, TASK_BUDGET, FAST_BURN),
      for: '2m',
      summary:
        '{{ $value | humanizePercentage }} of the tasks of an hour are dead: 14.4 times what the objective allows',
      description: 'A fiftieth of the budget of a month goes every hour.',
      dashboard: 'enrichment-slo',
      fires: {
        series: { [enriched]: '0+80x90', [dead]: '0+20x90' },
        at: '80m',
        summary: '20% of the tasks of an hour are dead: 14.4 times what the objective allows',
      },
      silent: { series: { [enriched]: '0+90x90', [dead]: '0+10x90' }, at: '80m' },
    },
    {
      name: 'EnrichmentErrorBudgetSlowBurn',
      severity: 'warning',
      slo: 'tasks',
      expr: burns(ERRORS, TASK_BUDGET, SLOW_BURN),
      for: '15m',
      summary:
        '{{ $value | humanizePercentage }} of the tasks of six hours are dead: 6 times what the objective allows',
      description: 'The budget of a month is gone within five days.',
      dashboard: 'enrichment-slo',
      fires: {
        series: { [enriched]: '0+90x500', [dead]: '0+10x500' },
        at: '480m',
        summary: '10% of the tasks of six hours are dead: 6 times what the objective allows',
      },
      silent: { series: { [enriched]: '0+95x500', [dead]: '0+5x500' }, at: '480m' },
    },
    {
      name: 'EnrichmentErrorBudgetSpent',
      severity: 'info',
      slo: 'tasks',
      expr: burns(ERRORS, TASK_BUDGET, OVERSPENT),
      for: '1h',
      summary:
        '{{ $value | humanizePercentage }} of the tasks of three days are dead: more than the objective allows',
      description: 'Nothing urgent: at this rate the month ends below its objective.',
      dashboard: 'enrichment-slo',
      fires: {
        series: { [enriched]: '0+98x600', [dead]: '0+2x600' },
        at: '590m',
        summary: '2% of the tasks of three days are dead: more than the objective allows',
      },
      silent: { series: { [enriched]: '0+995x600', [dead]: '0+5x600' }, at: '590m' },
    },
    {
      name: 'EnrichmentFreshnessFastBurn',
      severity: 'critical',
      slo: 'freshness',
      expr: burns(LATE, TASK_BUDGET, FAST_BURN),
      for: '2m',
      summary:
        '{{ $value | humanizePercentage }} of the priority tasks of an hour waited for more than a minute',
      description: 'Entry stages do not keep up: too few workers, or slow ones.',
      dashboard: 'enrichment-slo',
      fires: {
        series: { [late]: '0+50x90', [started]: '0+100x90' },
        at: '80m',
        summary: '50% of the priority tasks of an hour waited for more than a minute',
      },
      silent: { series: { [late]: '0+90x90', [started]: '0+100x90' }, at: '80m' },
    },
    {
      name: 'EnrichmentFreshnessSlowBurn',
      severity: 'warning',
      slo: 'freshness',
      expr: burns(LATE, TASK_BUDGET, SLOW_BURN),
      for: '15m',
      summary:
        '{{ $value | humanizePercentage }} of the priority tasks of six hours waited for more than a minute',
      description: 'The budget of a month is gone within five days.',
      dashboard: 'enrichment-slo',
      fires: {
        series: { [late]: '0+90x500', [started]: '0+100x500' },
        at: '480m',
        summary: '10% of the priority tasks of six hours waited for more than a minute',
      },
      silent: { series: { [late]: '0+95x500', [started]: '0+100x500' }, at: '480m' },
    },
  ],
};
