import { QUICK_REQUESTS, SETTLED } from '../../prometheus/names.ts';
import { type DashboardSpec, own } from '../dashboard.ts';

const SECONDS = 'enrichment_http_request_duration_seconds';
const requests = (by: string, ...matchers: readonly string[]): string =>
  `sum by (${by}) (rate(${own('enrichment_http_requests_total', ...matchers)}[$__rate_interval]))`;

export const jobsDashboard: DashboardSpec = {
  uid: 'enrichment-jobs',
  title: 'Enrichment: jobs and API',
  description: 'What was submitted, how it gets to the workers, who asks for it, and who is told of it.',
  rows: [
    {
      title: 'Now',
      panels: [
        {
          kind: 'number',
          title: 'Jobs at work',
          description: 'Received, queued, running or being cancelled.',
          unit: 'short',
          queries: [
            { expr: 'sum(enrichment_jobs{status=~"receiving|queued|running|cancelling"})', legend: 'jobs' },
          ],
        },
        {
          kind: 'number',
          title: 'Jobs with dead tasks',
          description: 'Of those that were submitted within a day.',
          unit: 'short',
          queries: [{ expr: 'sum(enrichment_jobs{status=~"failed|completed_with_errors"})', legend: 'jobs' }],
          thresholds: { warn: 1, bad: 10 },
        },
        {
          kind: 'number',
          title: 'Not in the broker yet',
          description: 'Tasks of jobs that wait in the database. Many are no fault: jobs are fed bit by bit.',
          unit: 'short',
          queries: [{ expr: 'sum(max by (pipeline) (enrichment_outbox_pending))', legend: 'tasks' }],
        },
        {
          kind: 'number',
          title: 'Waits to be fed',
          description: 'The job that has had nothing in the broker for longest. Over a minute is an alert.',
          unit: 's',
          queries: [{ expr: 'max(enrichment_outbox_oldest_age_seconds)', legend: 'oldest' }],
          thresholds: { warn: 10, bad: 60 },
        },
        {
          kind: 'number',
          title: 'API requests that failed',
          description: 'By our fault (5xx), within an hour. The objective is 0.1 %.',
          unit: 'percentunit',
          queries: [{ expr: 'enrichment:api_error_ratio:rate1h', legend: 'failed' }],
          thresholds: { warn: 0.001, bad: 0.0144 },
        },
        {
          kind: 'number',
          title: 'Watchers',
          description: 'Clients that are told how a job goes.',
          unit: 'short',
          queries: [{ expr: `sum(${own('enrichment_http_streams')})`, legend: 'watchers' }],
        },
      ],
    },
    {
      title: 'Jobs',
      panels: [
        {
          title: 'Jobs by status',
          description: 'That have not ended, and all of a day.',
          unit: 'short',
          stacked: true,
          queries: [{ expr: 'max by (status) (enrichment_jobs)', legend: '{{status}}' }],
        },
        {
          title: 'Tasks settled',
          description: 'A second, by pipeline and lane, whether they belong to a job or not.',
          unit: 'ops',
          stacked: true,
          queries: [
            {
              expr: `sum by (pipeline, lane) (rate(${own('enrichment_tasks_processed_total', `outcome=~"${SETTLED}"`)}[$__rate_interval]))`,
              legend: '{{pipeline}} {{lane}}',
            },
          ],
        },
        {
          title: 'From submission to end',
          description: 'Of jobs that ended, half and 95 %.',
          unit: 's',
          queries: [0.5, 0.95].map((quantile) => ({
            expr: `histogram_quantile(${quantile}, sum by (le) (increase(${own('enrichment_job_duration_seconds_bucket')}[1h])))`,
            legend: `p${quantile * 100}`,
          })),
        },
        {
          title: 'Relay: not in the broker yet',
          description: 'Tasks of jobs that wait in the database.',
          unit: 'short',
          stacked: true,
          queries: [{ expr: 'max by (pipeline) (enrichment_outbox_pending)', legend: '{{pipeline}}' }],
        },
        {
          title: 'Relay: standing still',
          description:
            'Since the job moved that waits longest for its first task to be fed. Over a minute is an alert.',
          unit: 's',
          queries: [
            { expr: 'max by (pipeline) (enrichment_outbox_oldest_age_seconds)', legend: '{{pipeline}}' },
          ],
          thresholds: { warn: 10, bad: 60 },
        },
        {
          title: 'Schedules',
          description: 'Turns within an hour that failed, or fell into one that was still going.',
          unit: 'short',
          queries: [
            {
              expr: `sum by (schedule, outcome) (increase(${own('enrichment_schedule_runs_total', 'outcome!="ok"')}[1h]))`,
              legend: '{{schedule}} {{outcome}}',
            },
          ],
          thresholds: { warn: 1, bad: 10 },
        },
      ],
    },
    {
      title: 'HTTP API',
      panels: [
        {
          title: 'Requests by status',
          description: 'A second.',
          unit: 'reqps',
          stacked: true,
          queries: [{ expr: requests('status'), legend: '{{status}}' }],
        },
        {
          title: 'Requests by route',
          description: 'A second.',
          unit: 'reqps',
          stacked: true,
          queries: [{ expr: requests('method, route'), legend: '{{method}} {{route}}' }],
        },
        {
          title: 'Refused and failed by route',
          description: 'A second. 4xx: the caller is at fault. 5xx: we are.',
          unit: 'reqps',
          queries: [
            {
              expr: requests('method, route, status', 'status=~"4..|5.."'),
              legend: '{{status}} {{method}} {{route}}',
            },
          ],
        },
        {
          title: 'Latency of what is answered at once',
          description: 'Reads without streams and exports. The objective: 99 % within a quarter of a second.',
          unit: 's',
          queries: [0.5, 0.95, 0.99].map((quantile) => ({
            expr: `histogram_quantile(${quantile}, sum by (le) (rate(${own(`${SECONDS}_bucket`, QUICK_REQUESTS)}[$__rate_interval])))`,
            legend: `p${quantile * 100}`,
          })),
          thresholds: { warn: 0.1, bad: 0.25 },
        },
        {
          title: 'Latency by route',
          description:
            '95 %. Uploads and exports last as long as their files are large, streams as long as they are watched.',
          unit: 's',
          queries: [
            {
              expr: `histogram_quantile(0.95, sum by (le, method, route) (rate(${own(`${SECONDS}_bucket`)}[$__rate_interval])))`,
              legend: '{{method}} {{route}}',
            },
          ],
        },
        {
          title: 'Watchers by kind',
          description: 'Server-Sent Events and WebSockets.',
          unit: 'short',
          stacked: true,
          queries: [{ expr: `sum by (kind) (${own('enrichment_http_streams')})`, legend: '{{kind}}' }],
        },
      ],
    },
    {
      title: 'Webhooks',
      panels: [
        {
          title: 'Tries by outcome',
          description: 'A second.',
          unit: 'ops',
          stacked: true,
          queries: [
            {
              expr: `sum by (outcome) (rate(${own('enrichment_webhook_deliveries_total')}[$__rate_interval]))`,
              legend: '{{outcome}}',
            },
          ],
        },
        {
          title: 'Not delivered yet',
          description: 'Due now, or waiting for their next try. Those of disabled endpoints are left out.',
          unit: 'short',
          stacked: true,
          queries: [{ expr: 'max by (state) (enrichment_webhooks_waiting)', legend: '{{state}}' }],
        },
        {
          title: 'Late',
          description:
            'Since the oldest try that is due should have been made. Over five minutes is an alert.',
          unit: 's',
          queries: [{ expr: 'max(enrichment_webhooks_oldest_due_age_seconds)', legend: 'oldest' }],
          thresholds: { warn: 60, bad: 300 },
        },
      ],
    },
  ],
};
