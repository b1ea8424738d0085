import type { AlertGroup } from '../alert.ts';
import { WORKERS } from '../names.ts';

const UP = 'up{job="enrichment-worker",instance="w1"}';

export const workerAlerts: AlertGroup = {
  name: 'enrichment.workers',
  alerts: [
    {
      name: 'EnrichmentWorkersAbsent',
      severity: 'critical',
      expr: 'absent(up{job="enrichment-worker"} == 1)',
      for: '2m',
      summary: 'no enrichment-worker is up',
      description: 'The priority lane stands still. Tasks wait in the broker and are not lost.',
      dashboard: 'enrichment-workers',
      fires: {
        series: { [UP]: '0x10' },
        at: '5m',
        summary: 'no enrichment-worker is up',
      },
      silent: { series: { [UP]: '0x10', 'up{job="enrichment-worker",instance="w2"}': '1x10' }, at: '5m' },
    },
    {
      name: 'EnrichmentWorkerDown',
      severity: 'warning',
      expr: `up{job=~"${WORKERS}"} == 0`,
      for: '5m',
      summary: '{{ $labels.instance }} ({{ $labels.job }}) does not answer',
      description: 'One worker less. What it held goes to the others.',
      dashboard: 'enrichment-workers',
      fires: {
        series: { [UP]: '0x10' },
        at: '8m',
        labels: { job: 'enrichment-worker', instance: 'w1' },
        summary: 'w1 (enrichment-worker) does not answer',
      },
      silent: { series: { [UP]: '0x3 1x10' }, at: '8m' },
    },
    {
      name: 'EnrichmentWorkerNotConsuming',
      severity: 'warning',
      expr: `enrichment_broker_connected{role="consume"} == 0 and on (instance) up{job=~"${WORKERS}"} == 1`,
      for: '3m',
      summary: '{{ $labels.instance }} runs, and has no connection to the broker',
      description: 'It gets no tasks. It connects again by itself as soon as it can.',
      dashboard: 'enrichment-workers',
      fires: {
        series: { 'enrichment_broker_connected{role="consume",instance="w1"}': '0x10', [UP]: '1x10' },
        at: '5m',
        labels: { role: 'consume', instance: 'w1' },
        summary: 'w1 runs, and has no connection to the broker',
      },
      silent: {
        series: { 'enrichment_broker_connected{role="consume",instance="w1"}': '0x10', [UP]: '0x10' },
        at: '5m',
      },
    },
    {
      name: 'EnrichmentWorkersTooFew',
      severity: 'warning',
      expr: `enrichment:workers_wanted{lane="priority"} > on () group_left () count(up{job=~"${WORKERS}"} == 1)`,
      for: '10m',
      summary: '{{ $value }} workers would keep up with the {{ $labels.lane }} lane, and fewer run',
      description: 'Tasks wait for a worker, not for a provider: more workers make it faster.',
      dashboard: 'enrichment-workers',
      fires: {
        series: {
          'enrichment_waiting_tasks{pipeline="tracks",lane="priority",stage="entry"}': '9000x30',
          [UP]: '1x30',
        },
        at: '20m',
        labels: { lane: 'priority' },
        summary: '3 workers would keep up with the priority lane, and fewer run',
      },
      // Ten thousand tasks wait for a provider whose limit one worker uses up.
      silent: {
        series: {
          'enrichment_waiting_tasks{pipeline="tracks",lane="priority",stage="spotify"}': '10000x30',
          'enrichment_provider_rate_limit_limit{provider="spotify"}': '600x30',
          'enrichment_provider_request_duration_seconds_sum{provider="spotify"}': '0+120x30',
          'enrichment_provider_request_duration_seconds_count{provider="spotify"}': '0+600x30',
          'enrichment_provider_requests_in_flight_limit{provider="spotify"}': '10x30',
          [UP]: '1x30',
        },
        at: '20m',
      },
    },
    {
      name: 'EnrichmentEventLoopLag',
      severity: 'warning',
      expr: 'nodejs_eventloop_lag_p99_seconds{job=~"enrichment-.*|api|scheduler"} > 0.5',
      for: '10m',
      summary: '{{ $labels.instance }}: the event loop is late by {{ $value }} s (p99)',
      description:
        'The process is out of CPU, or something keeps it busy in one go. Slots at providers pass unused.',
      dashboard: 'enrichment-workers',
      fires: {
        series: { 'nodejs_eventloop_lag_p99_seconds{job="enrichment-worker",instance="w1"}': '0.9x30' },
        at: '15m',
        labels: { job: 'enrichment-worker', instance: 'w1' },
        summary: 'w1: the event loop is late by 0.9 s (p99)',
      },
      silent: {
        series: { 'nodejs_eventloop_lag_p99_seconds{job="enrichment-worker",instance="w1"}': '0.4x30' },
        at: '15m',
      },
    },
    {
      name: 'EnrichmentWorkerMemoryHigh',
      severity: 'warning',
      expr: `process_resident_memory_bytes{job=~"${WORKERS}"} > 512 * 1024 * 1024`,
      for: '10m',
      summary: '{{ $labels.instance }} uses {{ $value | humanize1024 }}B of memory',
      description: 'Memory is bounded by prefetch and batch size; this is more than it should ever need.',
      dashboard: 'enrichment-workers',
      fires: {
        series: {
          'process_resident_memory_bytes{job="enrichment-worker",instance="w1"}': '1073741824x30',
        },
        at: '15m',
        labels: { job: 'enrichment-worker', instance: 'w1' },
        summary: 'w1 uses 1GiB of memory',
      },
      silent: {
        series: { 'process_resident_memory_bytes{job="enrichment-worker",instance="w1"}': '200000000x30' },
        at: '15m',
      },
    },
    {
      name: 'EnrichmentWorkerCpuHigh',
      severity: 'warning',
      expr: `sum by (job, instance) (rate(process_cpu_seconds_total{job=~"${WORKERS}"}[5m])) > 0.8`,
      for: '15m',
      summary: '{{ $labels.instance }} uses {{ $value | humanizePercentage }} of a core',
      description: 'A worker is one thread: at the end of a core it slows down. Another one helps.',
      dashboard: 'enrichment-workers',
      fires: {
        series: { 'process_cpu_seconds_total{job="enrichment-worker",instance="w1"}': '0+54x40' },
        at: '30m',
        labels: { job: 'enrichment-worker', instance: 'w1' },
        summary: 'w1 uses 90% of a core',
      },
      silent: {
        series: { 'process_cpu_seconds_total{job="enrichment-worker",instance="w1"}': '0+30x40' },
        at: '30m',
      },
    },
    {
      name: 'EnrichmentBacklogUnobserved',
      severity: 'warning',
      expr: 'absent(enrichment_waiting_tasks) or time() - max(enrichment_backlog_seen_timestamp_seconds) > 120',
      for: '5m',
      summary: 'nobody says what waits',
      description:
        'Depth, age and estimates are missing, and the alerts about them are blind. Tasks are worked on all the same.',
      dashboard: 'enrichment-pipeline',
      fires: { series: { [UP]: '1x20' }, at: '10m', summary: 'nobody says what waits' },
      silent: {
        series: {
          'enrichment_waiting_tasks{pipeline="tracks",lane="priority",stage="entry"}': '0x20',
          enrichment_backlog_seen_timestamp_seconds: '0+60x20',
        },
        at: '10m',
      },
    },
  ],
};
