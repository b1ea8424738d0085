import type { DashboardSpec } from '../dashboard.ts';

const BUDGET = 0.01;
const WINDOWS = ['5m', '30m', '1h', '6h', '3d'];
const burn = (what: string) =>
  WINDOWS.map((window) => ({
    expr: `enrichment:task_${what}_ratio:rate${window} / ${BUDGET}`,
    legend: window,
  }));
const left = (what: string) => [
  { expr: `1 - avg_over_time(enrichment:task_${what}_ratio:rate5m[30d]) / ${BUDGET}`, legend: 'left' },
];

export const sloDashboard: DashboardSpec = {
  uid: 'enrichment-slo',
  title: 'Enrichment: objectives',
  description:
    '99 % of the tasks are not given up on, and 99 % of the priority lane are picked up within a minute: over 30 days.',
  rows: [
    {
      title: 'Success',
      panels: [
        {
          kind: 'number',
          title: 'Budget left',
          description: 'Of 30 days, or of as much as is kept.',
          unit: 'percentunit',
          width: 8,
          queries: left('error'),
          thresholds: { warn: 0.5, bad: 0.1, falls: true },
        },
        {
          title: 'Burn rate',
          description:
            '1 = the budget lasts exactly for its time. Alerts: 14.4 over an hour, 6 over six hours, 1 over three days.',
          unit: 'short',
          width: 16,
          queries: burn('error'),
          thresholds: { warn: 6, bad: 14.4 },
        },
      ],
    },
    {
      title: 'Freshness',
      panels: [
        {
          kind: 'number',
          title: 'Freshness budget left',
          description: 'Of 30 days, or of as much as is kept.',
          unit: 'percentunit',
          width: 8,
          queries: left('late'),
          thresholds: { warn: 0.5, bad: 0.1, falls: true },
        },
        {
          title: 'Freshness burn rate',
          description:
            '1 = the budget lasts exactly for its time. Alerts: 14.4 over an hour, 6 over six hours.',
          unit: 'short',
          width: 16,
          queries: burn('late'),
          thresholds: { warn: 6, bad: 14.4 },
        },
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
