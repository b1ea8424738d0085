/** Who is asked for metrics, and under which names they are kept. */
import { toYaml, type Yaml } from '../yaml.ts';

export interface ScrapeTargets {
  /** By job: the names of services that may have any number of replicas, or addresses. */
  readonly processes: Readonly<Record<string, Target>>;
  readonly broker: Target;
  /** Exporters of servers, by job. */
  readonly exporters: Readonly<Record<string, Target>>;
  /** Where alerts are sent. */
  readonly alertmanager?: string;
  readonly intervalSeconds: number;
}

/** `dns`: every address behind the name, looked up again and again, so that replicas come and go by themselves. */
export type Target =
  { readonly dns: string; readonly port: number } | { readonly addresses: readonly string[] };

/** Where the processes and servers of docker-compose.yml and docker-compose.workers.yml are. */
const compose = (service: string, port: number): Target => ({ dns: service, port });
const PROCESSES = [
  'enrichment-worker',
  'enrichment-backlog-worker',
  'enrichment-dlq-manager',
  'api',
  'scheduler',
];
export const COMPOSE_TARGETS: ScrapeTargets = {
  processes: Object.fromEntries(PROCESSES.map((name) => [name, compose(name, 9464)])),
  broker: compose('rabbitmq', 15_692),
  exporters: { redis: compose('redis-exporter', 9121), postgres: compose('postgres-exporter', 9187) },
  alertmanager: 'alertmanager:9093',
  // What is in the broker is renewed every 5 s, and rates need four scrapes.
  intervalSeconds: 15,
};

/** Each costs the broker more than the one before; what a version does not know it leaves out without a word. */
const QUEUE_FAMILIES = [
  'queue_coarse_metrics',
  'queue_consumer_count',
  'queue_metrics',
  'channel_queue_metrics',
  'queue_delivery_metrics',
];

export function scrapeConfig(targets: ScrapeTargets, ruleFiles: readonly string[]): string {
  const { processes, broker, exporters, alertmanager, intervalSeconds } = targets;
  return toYaml({
    global: { scrape_interval: `${intervalSeconds}s`, evaluation_interval: `${intervalSeconds}s` },
    rule_files: ruleFiles,
    alerting:
      alertmanager === undefined
        ? undefined
        : { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
    scrape_configs: [
      ...Object.entries(processes).map(([job, target]) => ({ job_name: job, ...discovery(target) })),
      {
        job_name: 'rabbitmq',
        ...discovery(broker),
        // Sums over all queues under the names of single ones: dead letters and tasks in one number.
        metric_relabel_configs: [
          { source_labels: ['__name__'], regex: 'rabbitmq_(queue|channel)_.+', action: 'drop' },
        ],
      },
      {
        job_name: 'rabbitmq-queues',
        metrics_path: '/metrics/detailed',
        params: { family: QUEUE_FAMILIES },
        ...discovery(broker),
        // rabbitmq_queue_messages{queue="…"} is the name that people type.
        metric_relabel_configs: [
          {
            source_labels: ['__name__'],
            regex: 'rabbitmq_detailed_((queue|channel)_.+)',
            target_label: '__name__',
            replacement: 'rabbitmq_$1',
          },
        ],
      },
      ...Object.entries(exporters).map(([job, target]) => ({ job_name: job, ...discovery(target) })),
    ],
  });
}

const discovery = (target: Target): Readonly<Record<string, Yaml>> =>
  'dns' in target
    ? { dns_sd_configs: [{ names: [target.dns], type: 'A', port: target.port, refresh_interval: '10s' }] }
    : { static_configs: [{ targets: target.addresses }] };
