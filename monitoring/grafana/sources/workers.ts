import { WORKERS } from '../../prometheus/names.ts';
import { type DashboardSpec, own } from '../dashboard.ts';

export const workersDashboard: DashboardSpec = {
  uid: 'enrichment-workers',
  title: 'Enrichment: workers',
  description: 'How many, how busy, and what they wait for.',
  rows: [
    {
      title: 'Fleet',
      panels: [
        {
          title: 'Workers up',
          description: 'By role.',
          unit: 'short',
          queries: [{ expr: `sum by (job) (up{job=~"${WORKERS}"})`, legend: '{{job}}' }],
        },
        {
          title: 'Workers wanted',
          description: 'By lane, and why: an entry stage that needs them, or a provider that can feed them.',
          unit: 'short',
          queries: [
            { expr: 'enrichment:workers_wanted', legend: '{{lane}}' },
            { expr: 'enrichment:workers_wanted:entry', legend: '{{lane}}: entry' },
            { expr: 'enrichment:workers_wanted:provider', legend: '{{lane}}: providers' },
          ],
        },
        {
          title: 'Versions',
          description: 'Processes by release: two while it is rolled out.',
          unit: 'short',
          stacked: true,
          queries: [
            {
              expr: `count by (service, version) (${own('enrichment_build_info')})`,
              legend: '{{service}} {{version}}',
            },
          ],
        },
        {
          title: 'Settled by each',
          description: 'Deliveries a second: alike when the work is spread well.',
          unit: 'ops',
          queries: [
            {
              expr: `sum by (instance) (rate(${own('enrichment_tasks_processed_total')}[$__rate_interval]))`,
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'Busy',
          description: 'Deliveries held of those that may be.',
          unit: 'percentunit',
          queries: [
            {
              expr: `sum by (instance) (${own('enrichment_tasks_in_flight')}) / sum by (instance) (${own('enrichment_worker_prefetch')})`,
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'Restarts',
          description: 'Within an hour.',
          unit: 'short',
          queries: [{ expr: `changes(${own('process_start_time_seconds')}[1h])`, legend: '{{instance}}' }],
          thresholds: { warn: 1, bad: 3 },
        },
      ],
    },
    {
      title: 'Time',
      panels: [
        {
          title: 'In the last stage',
          description: 'From delivery to the committed result.',
          unit: 's',
          queries: [0.5, 0.95, 0.99].map((quantile) => ({
            expr: `histogram_quantile(${quantile}, sum by (le, lane) (rate(${own('enrichment_task_duration_seconds_bucket')}[$__rate_interval])))`,
            legend: `{{lane}} p${quantile * 100}`,
          })),
        },
        {
          title: 'Commit',
          description: 'One transaction of results.',
          unit: 's',
          queries: [0.5, 0.95].map((quantile) => ({
            expr: `histogram_quantile(${quantile}, sum by (le) (rate(${own('enrichment_write_duration_seconds_bucket')}[$__rate_interval])))`,
            legend: `p${quantile * 100}`,
          })),
        },
        {
          title: 'Rows of a commit',
          description: 'On average. Batches grow under load by themselves.',
          unit: 'short',
          queries: [
            {
              expr: `sum by (instance) (rate(${own('enrichment_write_batch_rows_sum')}[$__rate_interval])) / sum by (instance) (rate(${own('enrichment_write_batch_rows_count')}[$__rate_interval]))`,
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'Tries of a task',
          description: 'Look-ups tried, on average; 0 = everything came from the cache.',
          unit: 'short',
          queries: [
            {
              expr: `sum by (pipeline) (rate(${own('enrichment_task_attempts_sum')}[$__rate_interval])) / sum by (pipeline) (rate(${own('enrichment_task_attempts_count')}[$__rate_interval]))`,
              legend: '{{pipeline}}',
            },
          ],
        },
        {
          title: 'Event loop',
          description: 'How late it is, p99. Over half a second is an alert.',
          unit: 's',
          queries: [{ expr: own('nodejs_eventloop_lag_p99_seconds'), legend: '{{instance}}' }],
          thresholds: { warn: 0.1, bad: 0.5 },
        },
        {
          title: 'Connections',
          description:
            '1 = connected to the broker; and how often that had to be done again within five minutes.',
          unit: 'short',
          queries: [
            { expr: `min by (role) (${own('enrichment_broker_connected')})`, legend: '{{role}}' },
            {
              expr: `sum by (role) (increase(${own('enrichment_broker_reconnects_total')}[5m]))`,
              legend: '{{role}} again',
            },
          ],
        },
        {
          title: 'Postgres connections',
          description:
            'Of the pools of all workers. Waiting: more is to be written than there are connections.',
          unit: 'short',
          queries: [
            { expr: `sum by (state) (${own('enrichment_db_pool_connections')})`, legend: '{{state}}' },
          ],
        },
        {
          title: 'Redis errors',
          description: 'Accesses that failed and were done without.',
          unit: 'ops',
          queries: [
            {
              expr: `sum by (use) (rate(${own('enrichment_redis_errors_total')}[$__rate_interval]))`,
              legend: '{{use}}',
            },
          ],
          thresholds: { warn: 0.01, bad: 1 },
        },
        {
          title: 'Memory',
          description: 'Resident. It depends on prefetch and batch size, never on what waits.',
          unit: 'bytes',
          queries: [{ expr: own('process_resident_memory_bytes'), legend: '{{instance}}' }],
          thresholds: { warn: 268_435_456, bad: 536_870_912 },
        },
      ],
    },
  ],
};
