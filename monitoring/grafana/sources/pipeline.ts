import { WORKERS } from '../../prometheus/names.ts';
import { type DashboardSpec, own } from '../dashboard.ts';

const MINE = 'pipeline=~"$pipeline"';

export const pipelineDashboard: DashboardSpec = {
  uid: 'enrichment-pipeline',
  title: 'Enrichment: pipeline',
  description: 'Does it work, how fast, and when will it be done.',
  variables: [{ name: 'pipeline', metric: 'enrichment_tasks_processed_total' }],
  rows: [
    {
      title: 'Now',
      panels: [
        {
          kind: 'number',
          title: 'Waiting, priority',
          description: 'Tasks of the priority lane at all stages. Over 1000 for ten minutes is an alert.',
          unit: 'short',
          queries: [
            { expr: 'sum(enrichment:waiting:sum{lane="priority",pipeline=~"$pipeline"})', legend: 'waiting' },
          ],
          thresholds: { warn: 1_000, bad: 10_000 },
        },
        {
          kind: 'number',
          title: 'Waiting, backlog',
          description:
            'Tasks of the backlog lane at all stages. It may be large: the age says whether it moves.',
          unit: 'short',
          queries: [
            { expr: 'sum(enrichment:waiting:sum{lane="backlog",pipeline=~"$pipeline"})', legend: 'waiting' },
          ],
        },
        {
          kind: 'number',
          title: 'Oldest priority task',
          description: 'Since the publishing of the oldest task of the lane. Over five minutes is an alert.',
          unit: 's',
          queries: [
            {
              expr: `max(enrichment_oldest_task_age_seconds{lane="priority",${MINE}})`,
              legend: 'oldest',
            },
          ],
          thresholds: { warn: 60, bad: 300 },
        },
        {
          kind: 'number',
          title: 'Success',
          description: 'Tasks of 15 minutes that did not end dead. Below 85 % is an alert.',
          unit: 'percentunit',
          queries: [
            { expr: 'min(enrichment:success_ratio:rate15m{pipeline=~"$pipeline"})', legend: 'success' },
          ],
          thresholds: { warn: 0.95, bad: 0.85, falls: true },
        },
        {
          kind: 'number',
          title: 'Cache hits',
          description:
            'Answers of 15 minutes that came from the cache, all providers. The target is over 60 %.',
          unit: 'percentunit',
          queries: [
            {
              expr: 'sum(rate(enrichment_cache_hits_total[15m])) / (sum(rate(enrichment_cache_hits_total[15m])) + sum(rate(enrichment_cache_misses_total[15m])))',
              legend: 'hits',
            },
          ],
          thresholds: { warn: 0.6, bad: 0.3, falls: true },
        },
        {
          kind: 'number',
          title: 'Dead letters',
          description: 'Messages in the dead-letter queues, as the broker counts them.',
          unit: 'short',
          queries: [
            {
              expr: 'sum(max by (queue) (rabbitmq_queue_messages{queue=~".+_dlq"}))',
              legend: 'dead letters',
            },
          ],
          thresholds: { warn: 1, bad: 100 },
        },
      ],
    },
    {
      title: 'Work',
      panels: [
        {
          title: 'Tasks by outcome',
          description: 'Tasks settled a second, by how they ended.',
          unit: 'ops',
          stacked: true,
          queries: [
            {
              expr: `sum by (outcome) (rate(${own('enrichment_tasks_processed_total', MINE, 'outcome=~"enriched|not_found|ambiguous|dead|cancelled"')}[$__rate_interval]))`,
              legend: '{{outcome}}',
            },
          ],
        },
        {
          title: 'Queue depth by stage',
          description:
            'What waits, by the stage that it waits in. Entry drains at once; what is cold waits for its provider.',
          unit: 'short',
          stacked: true,
          queries: [
            {
              expr: 'sum by (stage) (enrichment_waiting_tasks{pipeline=~"$pipeline|any"})',
              legend: '{{stage}}',
            },
          ],
        },
        {
          title: 'Done in',
          description:
            'What waits over the rate of ten minutes. Over an hour in the priority lane is an alert.',
          unit: 's',
          queries: [
            {
              expr: 'max by (pipeline, lane) (enrichment:drain_seconds:estimate{pipeline=~"$pipeline"})',
              legend: '{{pipeline}} {{lane}}',
            },
          ],
        },
        {
          title: 'From publishing to the result',
          description: 'Half and 95 % of the tasks were done within this time.',
          unit: 's',
          queries: [0.5, 0.95].map((quantile) => ({
            expr: `histogram_quantile(${quantile}, sum by (le, lane) (rate(${own('enrichment_task_turnaround_seconds_bucket', MINE)}[$__rate_interval])))`,
            legend: `{{lane}} p${quantile * 100}`,
          })),
        },
        {
          title: 'API calls by provider',
          description: 'Requests a second.',
          unit: 'reqps',
          queries: [
            {
              expr: `sum by (provider) (rate(${own('enrichment_api_calls_total')}[$__rate_interval]))`,
              legend: '{{provider}}',
            },
          ],
        },
        {
          title: 'Cache hit rate',
          description: 'Share of the answers that came from the cache. The target is over 60 %.',
          unit: 'percentunit',
          queries: [{ expr: 'enrichment:cache_hit_ratio:rate15m', legend: '{{provider}}' }],
          thresholds: { warn: 0.6, bad: 0.3, falls: true },
        },
      ],
    },
    {
      title: 'Workers and money',
      panels: [
        {
          title: 'Worker CPU',
          description: 'Cores that each worker uses; a worker is one thread.',
          unit: 'percentunit',
          queries: [
            {
              expr: `sum by (instance) (rate(${own('process_cpu_seconds_total')}[$__rate_interval]))`,
              legend: '{{instance}}',
            },
          ],
          thresholds: { warn: 0.6, bad: 0.8 },
        },
        {
          title: 'Worker memory',
          description: 'Resident memory. Over 512 MB is an alert.',
          unit: 'bytes',
          queries: [{ expr: own('process_resident_memory_bytes'), legend: '{{instance}}' }],
          thresholds: { warn: 268_435_456, bad: 536_870_912 },
        },
        {
          title: 'Workers: there and wanted',
          description:
            'Wanted by lane, from seconds of backlog; capped where the limit of a provider makes more useless.',
          unit: 'short',
          queries: [
            { expr: `count by (job) (up{job=~"${WORKERS}"} == 1)`, legend: '{{job}}' },
            { expr: 'enrichment:workers_wanted', legend: 'wanted, {{lane}}' },
          ],
        },
        {
          title: 'API cost',
          description: 'Price of the requests of an hour, by provider.',
          unit: 'currencyUSD',
          queries: [
            {
              expr: `sum by (provider) (increase(${own('enrichment_provider_cost_usd_total')}[1h]))`,
              legend: '{{provider}}',
            },
          ],
        },
        {
          title: 'Dead letters by cause',
          description: 'Given up on within five minutes, by why.',
          unit: 'short',
          queries: [
            {
              expr: `sum by (reason) (increase(${own('enrichment_dead_letters_total', MINE)}[5m]))`,
              legend: '{{reason}}',
            },
          ],
        },
        {
          title: 'Alerts',
          description: 'That fire now, the one that always does left out.',
          unit: 'short',
          queries: [
            {
              expr: 'count by (alertname, severity) (ALERTS{alertstate="firing",alertname!="Watchdog"}) or vector(0)',
              legend: '{{severity}} {{alertname}}',
            },
          ],
        },
      ],
    },
  ],
};
