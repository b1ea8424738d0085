/** The rules of Grafana's dashboard linter, on the JSON that Grafana gets. */
import { FOREIGN_METRICS, metricsIn, OWN_METRICS } from '../metric-names.ts';
import { METRICS } from '../../shared/observability/metric-definitions.ts';
import { dashboardJson } from './dashboard.ts';
import { DASHBOARDS } from './files.ts';

interface Target {
  readonly expr: string;
  readonly legendFormat: string;
  readonly refId: string;
  readonly datasource: { readonly uid: string };
}
interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly uid: string };
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly targets?: readonly Target[];
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}
interface Dashboard {
  readonly uid: string;
  readonly editable: boolean;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { name: string; type: string; refresh?: number }[] };
}

/** Exported by one process for all: its job and instance say nothing about them. */
const EXPORTED_ONCE = new Set(
  Object.values(METRICS)
    .map(({ name }) => name)
    .filter((name) =>
      /^enrichment_(waiting|oldest|backlog|jobs$|outbox|webhooks_|provider_(rate_limit_(limit|remaining)|rate_factor|circuit|state|budget|eta))/.test(
        name,
      ),
    ),
);

const dashboards = DASHBOARDS.map((spec) => {
  const dashboard = JSON.parse(dashboardJson(spec)) as Dashboard;
  return [dashboard.uid, dashboard] as const;
});
const panels = dashboards.flatMap(([uid, dashboard]) =>
  dashboard.panels
    .filter(({ type }) => type !== 'row')
    .map((panel) => [`${uid}: ${panel.title}`, panel] as const),
);
const targets = panels.flatMap(([name, panel]) =>
  (panel.targets ?? []).map((target) => [`${name} ${target.refId}`, target.expr] as const),
);

describe.each(dashboards)('%s', (_, { editable, panels: all, templating }) => {
  test('cannot be edited in the browser', () => {
    expect(editable).toBe(false);
  });

  test('lets people choose data source, job and instance', () => {
    const names = templating.list.map(({ name, type }) => `${name} ${type}`);
    expect(names.slice(0, 3)).toEqual(['datasource datasource', 'job query', 'instance query']);
  });

  test('looks for values of its variables again when the time range changes', () => {
    const queries = templating.list.filter(({ type }) => type === 'query');
    expect(queries.every(({ refresh }) => refresh === 2)).toBe(true);
  });

  test('gives every panel an id of its own', () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });

  test('lets no panel lie on another one', () => {
    const cells = all.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(all.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });
});

test.each(dashboards)('%s has no two panels of one name', (_, { panels: all }) => {
  const titles = all.map(({ title }) => title);
  expect(titles.filter((title, at) => titles.indexOf(title) !== at)).toEqual([]);
});

test.each(panels)(
  '%s has a title, a description, a unit, the data source of the dashboard, and asks something',
  (_, panel) => {
    expect(panel.title).not.toBe('');
    expect(panel.description ?? '').not.toBe('');
    expect(panel.fieldConfig?.defaults.unit ?? '').not.toBe('');
    expect(panel.datasource?.uid).toBe('${datasource}');
    expect(panel.targets ?? []).not.toEqual([]);
    expect((panel.targets ?? []).every(({ datasource }) => datasource.uid === '${datasource}')).toBe(true);
  },
);

test.each(targets)('%s reads only metrics that there are', (_, expr) => {
  const unknown = metricsIn(expr).filter((name) => !OWN_METRICS.has(name) && !FOREIGN_METRICS.has(name));
  expect(unknown).toEqual([]);
});

test.each(targets)(
  '%s takes rates over the interval of the graph, or over one that its title promises',
  (_, expr) => {
    const windows = [...expr.matchAll(/\b(?:rate|irate)\([^[]*\[([^\]]+)\]/g)].map(([, window]) => window);
    expect(windows.every((window) => window === '$__rate_interval' || window === '15m')).toBe(true);
  },
);

test.each(targets)('%s shows no bare counter', (_, expr) => {
  const counters = [...expr.matchAll(/(\w+_total)\b/g)].map(([, name = '']) => name);
  for (const name of counters) expect(expr).toMatch(new RegExp(`(rate|irate|increase)\\(${name}`));
});

test.each(targets)('%s shows the processes that are chosen', (_, expr) => {
  const perProcess = [...expr.matchAll(/\b((?:enrichment|process|nodejs)_\w+)(\{[^}]*\})?/g)].filter(
    ([, name = '']) => !EXPORTED_ONCE.has(name) && (OWN_METRICS.has(name) || FOREIGN_METRICS.has(name)),
  );
  // The hit ratio of all providers is one number, whoever looks.
  const chosen = perProcess.filter(([, name = '']) => !name.startsWith('enrichment_cache_'));
  for (const [, , matchers = ''] of chosen) {
    expect(matchers).toContain('job=~"$job"');
    expect(matchers).toContain('instance=~"$instance"');
  }
});
