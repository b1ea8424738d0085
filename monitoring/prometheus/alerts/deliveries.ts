import type { AlertGroup } from '../alert.ts';
import { entryQueues } from '../names.ts';
import { QUARANTINE } from '../../../shared/rabbitmq/topology.ts';

const UNACKED = 'rabbitmq_queue_messages_unacked{queue="metadata_enrichment_queue",vhost="/"}';
const ACKED = 'rabbitmq_channel_messages_acked_total{queue="metadata_enrichment_queue",channel="<0.1.0>"}';
const REDELIVERED = 'enrichment_redeliveries_total{queue="metadata_enrichment_queue"}';
const PROCESSED = 'enrichment_tasks_processed_total{pipeline="tracks",lane="priority",outcome="enriched"}';

export const deliveryAlerts: AlertGroup = {
  name: 'enrichment.deliveries',
  alerts: [
    {
      name: 'EnrichmentUnackedStuck',
      severity: 'critical',
      expr: `max by (queue) (rabbitmq_queue_messages_unacked{queue=~"${entryQueues()}"}) > 0 unless on (queue) sum by (queue) (rate(rabbitmq_channel_messages_acked_total[10m])) > 0`,
      for: '15m',
      summary: '{{ $labels.queue }}: {{ $value }} deliveries are held, and none was settled for 10 minutes',
      description: 'A worker holds tasks and does nothing with them. Nobody else gets them until it lets go.',
      dashboard: 'enrichment-queues',
      fires: {
        series: { [UNACKED]: '5x60', [ACKED]: '10x60' },
        at: '40m',
        labels: { queue: 'metadata_enrichment_queue' },
        summary: 'metadata_enrichment_queue: 5 deliveries are held, and none was settled for 10 minutes',
      },
      silent: { series: { [UNACKED]: '5x60', [ACKED]: '0+1x60' }, at: '40m' },
    },
    {
      name: 'EnrichmentConsumerUtilisationLow',
      severity: 'warning',
      expr: `max by (queue) (rabbitmq_queue_consumer_utilisation{queue=~"${entryQueues()}"}) < 0.3 and on (queue) max by (queue) (rabbitmq_queue_messages_ready) > 100`,
      for: '15m',
      summary:
        'consumers of {{ $labels.queue }} take only {{ $value | humanizePercentage }} of what it could deliver',
      description: 'Tasks wait although workers are there: they are busy with something else, or too few.',
      dashboard: 'enrichment-queues',
      fires: {
        series: {
          'rabbitmq_queue_consumer_utilisation{queue="metadata_enrichment_queue"}': '0.1x60',
          'rabbitmq_queue_messages_ready{queue="metadata_enrichment_queue"}': '500x60',
        },
        at: '30m',
        labels: { queue: 'metadata_enrichment_queue' },
        summary: 'consumers of metadata_enrichment_queue take only 10% of what it could deliver',
      },
      silent: {
        series: {
          'rabbitmq_queue_consumer_utilisation{queue="metadata_enrichment_queue"}': '0.1x60',
          'rabbitmq_queue_messages_ready{queue="metadata_enrichment_queue"}': '50x60',
        },
        at: '30m',
      },
    },
    {
      name: 'EnrichmentRedeliveryStorm',
      severity: 'warning',
      expr: 'sum by (queue) (rate(enrichment_redeliveries_total[5m])) > 0.1 and sum by (queue) (rate(enrichment_redeliveries_total[5m])) > on () group_left () 0.2 * sum(rate(enrichment_tasks_processed_total[5m]))',
      for: '10m',
      summary: '{{ $labels.queue }}: {{ $value }} redeliveries a second',
      description: 'Workers end, or lose their connections, before they settle what they hold.',
      dashboard: 'enrichment-workers',
      fires: {
        series: { [REDELIVERED]: '0+60x60', [PROCESSED]: '0+120x60' },
        at: '30m',
        labels: { queue: 'metadata_enrichment_queue' },
        summary: 'metadata_enrichment_queue: 1 redeliveries a second',
      },
      silent: { series: { [REDELIVERED]: '0+60x60', [PROCESSED]: '0+600x60' }, at: '30m' },
    },
    {
      name: 'EnrichmentQuarantineNotEmpty',
      severity: 'warning',
      expr: `max by (queue) (rabbitmq_queue_messages{queue="${QUARANTINE}"}) > 0`,
      for: '15m',
      summary: '{{ $value }} messages that may have ended a process are in quarantine',
      description:
        'They are worked on one at a time. That there are any means that processes have ended while they held them.',
      dashboard: 'enrichment-queues',
      fires: {
        series: { [`rabbitmq_queue_messages{queue="${QUARANTINE}"}`]: '2x60' },
        at: '30m',
        labels: { queue: QUARANTINE },
        summary: '2 messages that may have ended a process are in quarantine',
      },
      silent: { series: { [`rabbitmq_queue_messages{queue="${QUARANTINE}"}`]: '2x10 0x50' }, at: '30m' },
    },
    {
      name: 'EnrichmentUnroutableMessages',
      severity: 'critical',
      expr: 'sum(increase(rabbitmq_global_messages_unroutable_dropped_total[5m])) + sum(increase(rabbitmq_global_messages_unroutable_returned_total[5m])) > 0',
      summary: '{{ $value | humanize }} messages found no queue within 5 minutes',
      description: 'A publisher uses a name that is not there. What it did not ask to be returned is lost.',
      dashboard: 'enrichment-queues',
      fires: {
        series: {
          'rabbitmq_global_messages_unroutable_dropped_total{protocol="amqp091"}': '0x30 5x30',
          'rabbitmq_global_messages_unroutable_returned_total{protocol="amqp091"}': '0x60',
        },
        at: '32m',
        summary: '5 messages found no queue within 5 minutes',
      },
      silent: {
        series: {
          'rabbitmq_global_messages_unroutable_dropped_total{protocol="amqp091"}': '7x60',
          'rabbitmq_global_messages_unroutable_returned_total{protocol="amqp091"}': '0x60',
        },
        at: '32m',
      },
    },
    {
      name: 'EnrichmentPublishFailing',
      severity: 'critical',
      expr: 'sum by (queue, outcome) (increase(enrichment_tasks_published_total{outcome!="confirmed"}[5m])) > 0',
      summary:
        '{{ $labels.queue }}: {{ $value | humanize }} publications came back {{ $labels.outcome }} within 5 minutes',
      description: 'Tasks cannot be moved on and are handed back: they are not lost, and nothing advances.',
      dashboard: 'enrichment-queues',
      fires: {
        series: {
          'enrichment_tasks_published_total{queue="enrichment_spotify_queue",outcome="nacked",instance="w"}':
            '0+2x30',
        },
        at: '10m',
        labels: { queue: 'enrichment_spotify_queue', outcome: 'nacked' },
        summary: 'enrichment_spotify_queue: 10 publications came back nacked within 5 minutes',
      },
      silent: {
        series: {
          'enrichment_tasks_published_total{queue="enrichment_spotify_queue",outcome="nacked",instance="w"}':
            '9x30',
          'enrichment_tasks_published_total{queue="enrichment_spotify_queue",outcome="confirmed",instance="w"}':
            '0+100x30',
        },
        at: '10m',
      },
    },
  ],
};
