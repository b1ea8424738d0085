/** Which metrics a PromQL expression reads, and which there are. */
import { METRICS } from '../shared/observability/metric-definitions.ts';
import { selectorsIn } from './promql.ts';
import { RECORDING_GROUPS } from './prometheus/recording-rules.ts';

/** Names of the metrics and recorded series in an expression. */
export const metricsIn = (expr: string): readonly string[] => selectorsIn(expr).map(({ metric }) => metric);

/** What our processes and rules make. Histograms go by the names of their series. */
export const OWN_METRICS: ReadonlySet<string> = new Set([
  ...Object.values(METRICS).flatMap(({ name, kind }) =>
    kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
  ...RECORDING_GROUPS.flatMap(({ rules }) => rules.map(({ record }) => record)),
]);

/** What Prometheus, Node and the servers make; these names are the same from RabbitMQ 3.10 to 4. */
export const FOREIGN_METRICS: ReadonlySet<string> = new Set([
  'up',
  'ALERTS',
  'redis_up',
  'pg_up',
  'process_cpu_seconds_total',
  'process_resident_memory_bytes',
  'process_start_time_seconds',
  'nodejs_eventloop_lag_p99_seconds',
  'rabbitmq_queue_messages',
  'rabbitmq_queue_messages_ready',
  'rabbitmq_queue_messages_unacked',
  'rabbitmq_queue_consumers',
  'rabbitmq_queue_consumer_utilisation',
  'rabbitmq_channel_messages_acked_total',
  'rabbitmq_global_messages_received_total',
  'rabbitmq_global_messages_acknowledged_total',
  'rabbitmq_global_messages_unroutable_dropped_total',
  'rabbitmq_global_messages_unroutable_returned_total',
  'rabbitmq_alarms_memory_used_watermark',
  'rabbitmq_alarms_free_disk_space_watermark',
  'rabbitmq_disk_space_available_bytes',
  'rabbitmq_disk_space_available_limit_bytes',
  'rabbitmq_process_resident_memory_bytes',
  'rabbitmq_resident_memory_limit_bytes',
]);
