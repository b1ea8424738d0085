/** The metrics of metric-definitions.ts, opened in a registry of this process. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { METRICS } from './metric-definitions.ts';

type Definitions = typeof METRICS;
type MetricOf<D> = D extends { kind: 'counter'; labels: readonly (infer L extends string)[] }
  ? Counter<L>
  : D extends { kind: 'gauge'; labels: readonly (infer L extends string)[] }
    ? Gauge<L>
    : D extends { kind: 'histogram'; labels: readonly (infer L extends string)[] }
      ? Histogram<L>
      : never;

type Opened = { readonly [Name in keyof Definitions]: MetricOf<Definitions[Name]> };
type ChildOf<Name extends keyof Definitions> = ReturnType<Opened[Name]['labels']>;
type Values<Labels> = { readonly [At in keyof Labels]: string };

/** The child of a metric by its label values, in the order in which they are declared. */
type Children = {
  readonly [Name in keyof Definitions]: (...values: Values<Definitions[Name]['labels']>) => ChildOf<Name>;
};

export type Metrics = Opened & {
  readonly registry: Registry;
  /**
   * Children by label values, remembered: `metrics.of.cacheHits('spotify').inc()`. For where tasks pass: hashing the
   * labels anew costs several times as much as counting.
   */
  readonly of: Children;
};

/** One registry with all metrics and those of the Node process. */
export function openMetrics(build: { readonly version: string; readonly service: string }): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const opened = Object.entries(METRICS).map(
    ([name, definition]) => [name, openMetric(definition, registry)] as const,
  );
  const of = Object.fromEntries(opened.map(([name, metric]) => [name, rememberChildren(metric)]));
  const metrics = { ...Object.fromEntries(opened), registry, of } as unknown as Metrics;
  metrics.buildInfo.set({ ...build, node_version: process.version }, 1);
  return metrics;
}

function openMetric(
  definition: Definitions[keyof Definitions],
  registry: Registry,
): Counter | Gauge | Histogram {
  const { kind, name, help, labels } = definition;
  const shape = { name, help, labelNames: [...labels], registers: [registry] };
  if (kind === 'counter') return new Counter(shape);
  if (kind === 'gauge') return new Gauge(shape);
  return new Histogram({ ...shape, buckets: [...definition.buckets] });
}

/** No metric has more labels than three. */
function rememberChildren(metric: Counter | Gauge | Histogram): (...values: string[]) => unknown {
  const children = new Map<string, unknown>();
  return (a = '', b = '', c = '') => {
    const key = `${a} ${b} ${c}`;
    let child = children.get(key);
    if (child === undefined) {
      child = metric.labels(...[a, b, c].filter((value) => value !== ''));
      children.set(key, child);
    }
    return child;
  };
}
