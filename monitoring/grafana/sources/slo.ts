import {
  API_ERROR_BUDGET,
  API_SLOW_BUDGET,
  BURN_WINDOWS,
  FAST_BURN,
  SLOW_BURN,
  TASK_BUDGET,
} from '../../prometheus/objectives.ts';
import type { DashboardSpec } from '../dashboard.ts';
import type { PanelSpec } from '../panel.ts';

interface Objective {
  /** Beginning of the titles of its panels. */
  readonly title: string;
  /** Beginning of the name of the recorded series. */
  readonly ratio: string;
  readonly budget: number;
  readonly alerts: string;
}

const panelsOf = ({ title, ratio, budget, alerts }: Objective): readonly PanelSpec[] => [
  {
    kind: 'number',
    title: `${title}: budget left`,
    description: 'Of 30 days, or of as much as is kept.',
    unit: 'percentunit',
    width: 8,
    queries: [{ expr: `1 - avg_over_time(${ratio}:rate5m[30d]) / ${budget}`, legend: 'left' }],
    thresholds: { warn: 0.5, bad: 0.1, falls: true },
  },
  {
    title: `${title}: burn rate`,
    description: `1 = the budget lasts exactly for its time. Alerts: ${alerts}.`,
    unit: 'short',
    width: 16,
    queries: BURN_WINDOWS.map((window) => ({ expr: `${ratio}:rate${window} / ${budget}`, legend: window })),
    thresholds: { warn: SLOW_BURN.times, bad: FAST_BURN.times },
  },
];

const OVER_HOURS = '14.4 over an hour, 6 over six hours';

export const sloDashboard: DashboardSpec = {
  uid: 'enrichment-slo',
  title: 'Enrichment: objectives',
  description:
    'Over 30 days: 99 % of the tasks are not given up on, 99 % of the priority lane are picked up within a minute, 99.9 % of the API requests do not fail, and 99 % of its reads take at most a quarter of a second.',
  rows: [
    {
      title: 'Tasks',
      panels: [
        ...panelsOf({
          title: 'Success',
          ratio: 'enrichment:task_error_ratio',
          budget: TASK_BUDGET,
          alerts: `${OVER_HOURS}, 1 over three days`,
        }),
        ...panelsOf({
          title: 'Freshness',
          ratio: 'enrichment:task_late_ratio',
          budget: TASK_BUDGET,
          alerts: OVER_HOURS,
        }),
      ],
    },
    {
      title: 'HTTP API',
      panels: [
        ...panelsOf({
          title: 'Availability',
          ratio: 'enrichment:api_error_ratio',
          budget: API_ERROR_BUDGET,
          alerts: OVER_HOURS,
        }),
        ...panelsOf({
          title: 'Latency',
          ratio: 'enrichment:api_slow_ratio',
          budget: API_SLOW_BUDGET,
          alerts: OVER_HOURS,
        }),
      ],
    },
    {
      title: 'What it is made of',
      panels: [
        {
          title: 'Success and match',
          description:
            'Tasks that did not end dead, and those that were enriched. A miss is an answer: only the first is an objective.',
          unit: 'percentunit',
          width: 24,
          queries: [
            { expr: 'enrichment:success_ratio:rate15m', legend: '{{pipeline}} success' },
            { expr: 'enrichment:match_ratio:rate15m', legend: '{{pipeline}} match' },
          ],
        },
      ],
    },
  ],
};
