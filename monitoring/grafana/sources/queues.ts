import { type DashboardSpec, own } from '../dashboard.ts';

const QUEUE = 'queue=~"$queue"';
const byQueue = (metric: string): string => `max by (queue) (${metric}{${QUEUE}})`;

export const queuesDashboard: DashboardSpec = {
  uid: 'enrichment-queues',
  title: 'Enrichment: queues and stages',
  description: 'What the broker holds, and how it moves.',
  variables: [
    { name: 'queue', metric: 'rabbitmq_queue_messages{queue=~"metadata_.+|movie_.+|enrichment_.+"}' },
  ],
  rows: [
    {
      title: 'Stages',
      panels: [
        {
          title: 'Waiting by pipeline, lane and stage',
          description: 'In the broker and in the hands of workers.',
          unit: 'short',
          stacked: true,
          width: 12,
          queries: [
            {
              expr: 'enrichment_waiting_tasks > 0 or enrichment_waiting_tasks{stage="entry"}',
              legend: '{{pipeline}} {{lane}} {{stage}}',
            },
          ],
        },
        {
          title: 'Oldest task',
          description:
            'Since its publishing. Alerts: five minutes in the priority lane, four hours in the backlog.',
          unit: 's',
          width: 12,
          queries: [{ expr: 'enrichment_oldest_task_age_seconds', legend: '{{pipeline}} {{lane}}' }],
          thresholds: { warn: 300, bad: 14_400 },
        },
      ],
    },
    {
      title: 'Queues',
      panels: [
        {
          title: 'Ready',
          description: 'Messages that wait for a consumer.',
          unit: 'short',
          queries: [{ expr: byQueue('rabbitmq_queue_messages_ready'), legend: '{{queue}}' }],
        },
        {
          title: 'Held by workers',
          description: 'Delivered and not acknowledged.',
          unit: 'short',
          queries: [{ expr: byQueue('rabbitmq_queue_messages_unacked'), legend: '{{queue}}' }],
        },
        {
          title: 'Consumers',
          description:
            'None at a provider stage: its gate is closed for long, or nobody can ask it. None at an entry stage is an alert.',
          unit: 'short',
          queries: [{ expr: byQueue('rabbitmq_queue_consumers'), legend: '{{queue}}' }],
        },
        {
          title: 'Delay ladder',
          description: 'Messages that wait for a later try, by rung.',
          unit: 'short',
          stacked: true,
          queries: [
            {
              expr: 'max by (queue) (rabbitmq_queue_messages{queue=~"enrichment_retry_.+"})',
              legend: '{{queue}}',
            },
          ],
        },
        {
          title: 'Dead letters and quarantine',
          description: 'What was given up on, and what may have ended a process.',
          unit: 'short',
          queries: [
            {
              expr: 'max by (queue) (rabbitmq_queue_messages{queue=~".+_dlq|enrichment_quarantine"})',
              legend: '{{queue}}',
            },
          ],
          thresholds: { warn: 1, bad: 100 },
        },
        {
          title: 'Wait before the first pick-up',
          description:
            'From publishing to an entry stage, 95 %. The objective of the priority lane is a minute.',
          unit: 's',
          queries: [
            {
              expr: `histogram_quantile(0.95, sum by (le, queue) (rate(${own('enrichment_task_queue_wait_seconds_bucket')}[$__rate_interval])))`,
              legend: '{{queue}}',
            },
          ],
          thresholds: { warn: 30, bad: 60 },
        },
      ],
    },
    {
      title: 'Broker',
      panels: [
        {
          title: 'Published and acknowledged',
          description: 'Messages a second, in and out.',
          unit: 'ops',
          queries: [
            {
              expr: 'sum(rate(rabbitmq_global_messages_received_total[$__rate_interval]))',
              legend: 'published',
            },
            {
              expr: 'sum(rate(rabbitmq_global_messages_acknowledged_total[$__rate_interval]))',
              legend: 'acknowledged',
            },
          ],
        },
        {
          title: 'Publications that failed',
          description: 'Returned, refused or not confirmed in time, as our processes saw it.',
          unit: 'ops',
          queries: [
            {
              expr: `sum by (outcome) (rate(${own('enrichment_tasks_published_total', 'outcome!="confirmed"')}[$__rate_interval]))`,
              legend: '{{outcome}}',
            },
          ],
          thresholds: { warn: 0.001, bad: 1 },
        },
        {
          title: 'Redelivered',
          description: 'Deliveries that had been handed out before: a worker ended, or lost its connection.',
          unit: 'ops',
          queries: [
            {
              expr: `sum by (queue) (rate(${own('enrichment_redeliveries_total')}[$__rate_interval]))`,
              legend: '{{queue}}',
            },
          ],
        },
        {
          title: 'Memory',
          description: 'Of its limit: at 100 % the broker blocks publishers.',
          unit: 'percentunit',
          queries: [
            {
              expr: 'max by (instance) (rabbitmq_process_resident_memory_bytes / rabbitmq_resident_memory_limit_bytes)',
              legend: '{{instance}}',
            },
          ],
          thresholds: { warn: 0.8, bad: 0.95 },
        },
        {
          title: 'Disk above the limit',
          description: 'Left before the broker blocks publishers.',
          unit: 'bytes',
          queries: [
            {
              expr: 'min by (instance) (rabbitmq_disk_space_available_bytes - rabbitmq_disk_space_available_limit_bytes)',
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'Alarms',
          description: '1 = the broker takes no messages.',
          unit: 'bool',
          queries: [
            { expr: 'max(rabbitmq_alarms_memory_used_watermark)', legend: 'memory' },
            { expr: 'max(rabbitmq_alarms_free_disk_space_watermark)', legend: 'disk' },
            { expr: `max(${own('enrichment_broker_blocked')})`, legend: 'blocked, as workers see it' },
          ],
          thresholds: { warn: 1, bad: 1 },
        },
      ],
    },
  ],
};
