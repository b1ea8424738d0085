import type { AlertGroup } from '../alert.ts';

const WATERMARK = 'rabbitmq_alarms_memory_used_watermark{instance="r"}';
const DISK = 'rabbitmq_alarms_free_disk_space_watermark{instance="r"}';
const FREE = 'rabbitmq_disk_space_available_bytes{instance="r"}';
const FLOOR = 'rabbitmq_disk_space_available_limit_bytes{instance="r"}';
const USED = 'rabbitmq_process_resident_memory_bytes{instance="r"}';
const LIMIT = 'rabbitmq_resident_memory_limit_bytes{instance="r"}';

export const serverAlerts: AlertGroup = {
  name: 'enrichment.servers',
  alerts: [
    {
      name: 'RabbitmqDown',
      severity: 'critical',
      expr: 'up{job="rabbitmq"} == 0',
      for: '1m',
      summary: 'the metrics of RabbitMQ ({{ $labels.instance }}) do not answer',
      description:
        'Nothing is published and nothing delivered while it is down. What was confirmed is on its disk.',
      dashboard: 'enrichment-queues',
      fires: {
        series: { 'up{job="rabbitmq",instance="r"}': '0x10' },
        at: '3m',
        labels: { job: 'rabbitmq', instance: 'r' },
        summary: 'the metrics of RabbitMQ (r) do not answer',
      },
      silent: { series: { 'up{job="rabbitmq",instance="r"}': '1x2 0 1x7' }, at: '5m' },
    },
    {
      name: 'RabbitmqMemoryAlarm',
      severity: 'critical',
      expr: 'max by (instance) (max_over_time(rabbitmq_alarms_memory_used_watermark[5m])) > 0',
      keepFiringFor: '5m',
      summary: 'RabbitMQ ({{ $labels.instance }}) is out of memory and takes no messages',
      description: 'Publishers wait. Workers finish what needs no publication. Nothing is lost.',
      dashboard: 'enrichment-queues',
      fires: {
        series: { [WATERMARK]: '0x5 1x10' },
        at: '8m',
        labels: { instance: 'r' },
        summary: 'RabbitMQ (r) is out of memory and takes no messages',
      },
      silent: { series: { [WATERMARK]: '0x20' }, at: '8m' },
    },
    {
      name: 'RabbitmqDiskAlarm',
      severity: 'critical',
      expr: 'max by (instance) (max_over_time(rabbitmq_alarms_free_disk_space_watermark[5m])) > 0',
      keepFiringFor: '5m',
      summary: 'RabbitMQ ({{ $labels.instance }}) is out of disk and takes no messages',
      description: 'Publishers wait. Workers finish what needs no publication. Nothing is lost.',
      dashboard: 'enrichment-queues',
      fires: {
        series: { [DISK]: '0x5 1x10' },
        at: '8m',
        labels: { instance: 'r' },
        summary: 'RabbitMQ (r) is out of disk and takes no messages',
      },
      silent: { series: { [DISK]: '0x20' }, at: '8m' },
    },
    {
      name: 'RabbitmqMemoryNearWatermark',
      severity: 'warning',
      expr: 'max by (instance) (rabbitmq_process_resident_memory_bytes / rabbitmq_resident_memory_limit_bytes) > 0.8',
      for: '10m',
      summary:
        'RabbitMQ ({{ $labels.instance }}) is at {{ $value | humanizePercentage }} of its memory limit',
      description: 'At the limit it blocks every publisher.',
      dashboard: 'enrichment-queues',
      fires: {
        series: { [USED]: '900x30', [LIMIT]: '1000x30' },
        at: '15m',
        labels: { instance: 'r' },
        summary: 'RabbitMQ (r) is at 90% of its memory limit',
      },
      silent: { series: { [USED]: '700x30', [LIMIT]: '1000x30' }, at: '15m' },
    },
    {
      name: 'RabbitmqDiskPredicted',
      severity: 'warning',
      expr: 'predict_linear(rabbitmq_disk_space_available_bytes[6h], 24 * 3600) < rabbitmq_disk_space_available_limit_bytes',
      for: '1h',
      summary: 'RabbitMQ ({{ $labels.instance }}) reaches its disk limit within a day',
      description: 'At the limit it blocks every publisher.',
      dashboard: 'enrichment-queues',
      fires: {
        series: { [FREE]: '1000000-1000x600', [FLOOR]: '50000x600' },
        at: '500m',
        labels: { instance: 'r' },
        summary: 'RabbitMQ (r) reaches its disk limit within a day',
      },
      silent: { series: { [FREE]: '1000000-100x600', [FLOOR]: '50000x600' }, at: '500m' },
    },
    {
      name: 'RedisDown',
      severity: 'warning',
      expr: 'redis_up == 0',
      for: '2m',
      summary: 'Redis ({{ $labels.instance }}) is down',
      description: 'Caches miss, so more is asked; workers keep limits each by itself. Nothing is lost.',
      dashboard: 'enrichment-providers',
      fires: {
        series: { 'redis_up{instance="x"}': '0x10' },
        at: '5m',
        labels: { instance: 'x' },
        summary: 'Redis (x) is down',
      },
      silent: { series: { 'redis_up{instance="x"}': '0 1x10' }, at: '5m' },
    },
    {
      name: 'PostgresDown',
      severity: 'critical',
      expr: 'pg_up == 0',
      for: '1m',
      summary: 'Postgres ({{ $labels.instance }}) is down',
      description:
        'Workers stop to consume: what is finished waits in them, the rest in the broker. Nothing is lost.',
      dashboard: 'enrichment-workers',
      fires: {
        series: { 'pg_up{instance="x"}': '0x10' },
        at: '3m',
        labels: { instance: 'x' },
        summary: 'Postgres (x) is down',
      },
      silent: { series: { 'pg_up{instance="x"}': '0 1x10' }, at: '3m' },
    },
    {
      name: 'Watchdog',
      severity: 'info',
      expr: 'vector(1)',
      summary: 'the way of alerts is open',
      description:
        'Fires always. Who is told when it stops hears of a Prometheus or Alertmanager that is down.',
      dashboard: 'enrichment-pipeline',
      fires: { series: {}, at: '1m', summary: 'the way of alerts is open' },
      silent: { series: {}, at: '1m' },
    },
  ],
};
