import { METRICS } from '../../shared/observability/metric-definitions.ts';
import { LABELS } from '../../shared/observability/metric-labels.ts';
import { markdownRow } from './markdown-row.ts';

const INTRODUCTION = `# Metrics

Made from the code by \`npm run -s docs:generate\`: change the definitions, not this page.

Every process serves them at \`/metrics\` of \`HEALTH_HOST\`:\`HEALTH_PORT\`, beside those of its Node process
(\`process_…\`, \`nodejs_…\`), and shows only what it counts itself. What is the same whoever looks
(\`enrichment_waiting_tasks\`, \`enrichment_oldest_task_age_seconds\`, the state of the providers) is exported by one
process alone, so it is not summed over instances. What waits for a pipeline and lane is the sum over its stages; tasks on
the delay ladder and in the quarantine are mixed, so they stand under \`any\`.

Depths of single queues come from the broker itself: \`rabbitmq_queue_messages{queue="metadata_enrichment_queue"}\` and its
like, see [monitoring/prometheus/prometheus.yml](../monitoring/prometheus/prometheus.yml). Rules and dashboards are made
from these names too, and a test holds them against this list.
`;

/** The page as Markdown: the metrics in the order of their definition, then the labels. */
export function metricsPage(): string {
  const metrics = Object.values(METRICS).map(({ name, kind, labels, help }) =>
    markdownRow([`\`${name}\``, kind, labels.map((label) => `\`${label}\``).join(', '), help]),
  );
  const labels = Object.entries(LABELS).map(([label, meaning]) => markdownRow([`\`${label}\``, meaning]));
  const edges = Object.values(METRICS).flatMap((metric) =>
    metric.kind === 'histogram' ? [markdownRow([`\`${metric.name}\``, metric.buckets.join(' ')])] : [],
  );
  return [
    INTRODUCTION,
    ...table(['Name', 'Type', 'Labels', 'What it says'], metrics),
    '## Labels\n',
    ...table(['Label', 'Values'], labels),
    '## Edges of the buckets\n',
    ...table(['Histogram', 'Upper edges'], edges),
  ].join('\n');
}

const table = (columns: readonly string[], rows: readonly string[]): string[] => [
  markdownRow(columns),
  markdownRow(columns.map(() => '---')),
  ...rows,
  '',
];
