import { MANY_WAITING, TOO_OLD_SECONDS } from '../../../shared/controls/overload.ts';
import type { AlertGroup } from '../alert.ts';
import { DEAD_LETTER_QUEUES, entryQueues, FIRST_QUEUE } from '../names.ts';

const WAITING = 'enrichment_waiting_tasks{pipeline="tracks",lane="priority",stage="spotify"}';
const DLQ = 'rabbitmq_queue_messages{queue="metadata_enrichment_dlq",vhost="/"}';

export const queueAlerts: AlertGroup = {
  name: 'enrichment.queues',
  alerts: [
    {
      name: 'EnrichmentQueueDepthHigh',
      severity: 'warning',
      expr: `enrichment:waiting:sum{lane="priority"} > ${MANY_WAITING}`,
      for: '10m',
      summary: '{{ $labels.pipeline }}: {{ $value }} tasks wait in the priority lane',
      description:
        'Records that somebody waits for come late. The backlog lane may hold more: there the age counts.',
      dashboard: 'enrichment-pipeline',
      fires: {
        series: { [WAITING]: '500+200x30' },
        at: '20m',
        labels: { pipeline: 'tracks', lane: 'priority' },
        summary: 'tracks: 4500 tasks wait in the priority lane',
      },
      silent: { series: { [WAITING]: '500+200x30' }, at: '11m' },
    },
    {
      name: 'EnrichmentQueueNotDraining',
      severity: 'warning',
      expr: '(enrichment:drain_seconds:estimate{lane="priority"} > 3600 or enrichment:drain_seconds:estimate{lane="backlog"} > 86400) and enrichment:waiting:sum > 100',
      for: '15m',
      summary:
        '{{ $labels.pipeline }}, {{ $labels.lane }}: {{ $value | humanizeDuration }} to drain at the rate of now',
      description: 'More arrives than is settled, or nothing is settled.',
      dashboard: 'enrichment-queues',
      fires: {
        series: {
          [WAITING]: '7200x60',
          'enrichment_tasks_processed_total{pipeline="tracks",lane="priority",outcome="enriched"}': '0+60x60',
        },
        at: '40m',
        labels: { pipeline: 'tracks', lane: 'priority' },
        summary: 'tracks, priority: 2h 0m 0s to drain at the rate of now',
      },
      silent: {
        series: {
          [WAITING]: '7200x60',
          'enrichment_tasks_processed_total{pipeline="tracks",lane="priority",outcome="enriched"}':
            '0+240x60',
        },
        at: '40m',
      },
    },
    {
      name: 'EnrichmentOldestTaskTooOld',
      severity: 'critical',
      expr: Object.entries(TOO_OLD_SECONDS)
        .map(
          ([lane, seconds]) =>
            `max by (pipeline, lane) (enrichment_oldest_task_age_seconds{lane="${lane}"}) > ${seconds}`,
        )
        .join(' or '),
      for: '5m',
      summary:
        'the oldest {{ $labels.lane }} task of {{ $labels.pipeline }} is {{ $value | humanizeDuration }} old',
      description: 'Somebody waits for a record for longer than the lane promises.',
      dashboard: 'enrichment-pipeline',
      fires: {
        series: { 'enrichment_oldest_task_age_seconds{pipeline="tracks",lane="priority"}': '0+60x60' },
        at: '30m',
        labels: { pipeline: 'tracks', lane: 'priority' },
        summary: 'the oldest priority task of tracks is 30m 0s old',
      },
      silent: {
        series: { 'enrichment_oldest_task_age_seconds{pipeline="tracks",lane="backlog"}': '0+60x60' },
        at: '30m',
      },
    },
    {
      name: 'EnrichmentQueueNoConsumers',
      severity: 'critical',
      expr: `max by (vhost, queue) (rabbitmq_queue_messages_ready{queue=~"${entryQueues()}"}) > 0 and on (vhost, queue) sum by (vhost, queue) (rabbitmq_queue_consumers) == 0`,
      for: '2m',
      summary: 'nobody consumes {{ $labels.queue }}, and {{ $value }} tasks wait in it',
      description: 'These tasks stay where they are until a worker of that lane and pipeline runs.',
      dashboard: 'enrichment-queues',
      fires: {
        series: {
          'rabbitmq_queue_messages_ready{queue="movie_enrichment_backlog",vhost="/"}': '3x10',
          'rabbitmq_queue_consumers{queue="movie_enrichment_backlog",vhost="/"}': '0x10',
        },
        at: '5m',
        labels: { queue: 'movie_enrichment_backlog', vhost: '/' },
        summary: 'nobody consumes movie_enrichment_backlog, and 3 tasks wait in it',
      },
      // The stage of a provider whose gate is closed is left alone on purpose.
      silent: {
        series: {
          'rabbitmq_queue_messages_ready{queue="enrichment_spotify_queue",vhost="/"}': '3x10',
          'rabbitmq_queue_consumers{queue="enrichment_spotify_queue",vhost="/"}': '0x10',
        },
        at: '5m',
      },
    },
    {
      name: 'EnrichmentQueueMissing',
      severity: 'critical',
      expr: `absent(rabbitmq_queue_messages{queue="${FIRST_QUEUE}"}) and on () count(up{job="rabbitmq-queues"} == 1) > 0`,
      for: '2m',
      summary: 'queue {{ $labels.queue }} is not there, on a broker that answers',
      description: 'What publishers send is returned to them. queue-init declares what is missing.',
      dashboard: 'enrichment-queues',
      fires: {
        series: { 'up{job="rabbitmq-queues",instance="r"}': '1x10' },
        at: '5m',
        labels: { queue: FIRST_QUEUE },
        summary: `queue ${FIRST_QUEUE} is not there, on a broker that answers`,
      },
      silent: { series: { 'up{job="rabbitmq-queues",instance="r"}': '0x10' }, at: '5m' },
    },
    {
      name: 'EnrichmentDlqGrowing',
      severity: 'warning',
      expr: `max by (queue) (rabbitmq_queue_messages{queue=~"${DEAD_LETTER_QUEUES}"}) - max by (queue) (rabbitmq_queue_messages{queue=~"${DEAD_LETTER_QUEUES}"} offset 15m) > 10`,
      summary: '{{ $labels.queue }} has grown by {{ $value }} in 15 minutes',
      description:
        'Tasks are given up on, more than a few. They are kept, and can be replayed once the cause is gone.',
      dashboard: 'enrichment-pipeline',
      fires: {
        series: { [DLQ]: '0x20 0+2x60' },
        at: '40m',
        labels: { queue: 'metadata_enrichment_dlq' },
        summary: 'metadata_enrichment_dlq has grown by 30 in 15 minutes',
      },
      silent: { series: { [DLQ]: '500x20 500+1x9 510x60' }, at: '45m' },
    },
    {
      name: 'EnrichmentDlqNotEmpty',
      severity: 'info',
      expr: `max by (queue) (rabbitmq_queue_messages{queue=~"${DEAD_LETTER_QUEUES}"}) > 0`,
      for: '1h',
      summary: '{{ $value }} dead letters are in {{ $labels.queue }}',
      description: 'Somebody should look at their causes and replay or discard them.',
      dashboard: 'enrichment-pipeline',
      fires: {
        series: { [DLQ]: '4x120' },
        at: '90m',
        labels: { queue: 'metadata_enrichment_dlq' },
        summary: '4 dead letters are in metadata_enrichment_dlq',
      },
      silent: { series: { [DLQ]: '4x50 0x60' }, at: '90m' },
    },
  ],
};
