/** A dashboard as data, and as the JSON that Grafana loads. */
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DATASOURCE, heightOf, panelOf, type PanelSpec, widthOf } from './panel.ts';

export interface DashboardSpec {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly { readonly title: string; readonly panels: readonly PanelSpec[] }[];
  /** Beside datasource, job and instance. */
  readonly variables?: readonly VariableSpec[];
}

export interface VariableSpec {
  readonly name: string;
  /** Series whose label of that name gives the values. */
  readonly metric: string;
}

const COLUMNS = 24;
const ROW_HEIGHT = 1;
const OUR_JOBS = 'up{job=~"enrichment-.+|api|scheduler"}';

/** What a variable stands for as long as nobody chooses. */
export const EVERY_VALUE = '.+';

/** What is drawn over the curves of every dashboard. */
export const ANNOTATIONS = [
  {
    name: 'Releases',
    expr: 'sum by (version) (changes(enrichment_build_info[1m])) > 0',
    color: 'blue',
  },
  { name: 'Alerts', expr: 'ALERTS{alertstate="firing",severity=~"critical|warning"}', color: 'red' },
] as const;

/** Selects the series of the processes that the variables name. */
export const own = (metric: string, ...matchers: readonly string[]): string =>
  `${metric}{${['job=~"$job"', 'instance=~"$instance"', ...matchers].join(',')}}`;

/** Ends with a line break; the same text for the same spec. */
export function dashboardJson(spec: DashboardSpec): string {
  // The newer schema is read by Grafana 12 alone, and not from provisioned files.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const builder = new DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.description)
    .tags(['enrichment'])
    .refresh('30s')
    .time({ from: 'now-3h', to: 'now' })
    .timezone('browser')
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder('Enrichment')
        .type(DashboardLinkType.Dashboards)
        .tags(['enrichment'])
        .asDropdown(true)
        .keepTime(true),
    )
    .variables([
      new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
      ...variablesOf(spec).map(labelValues),
    ])
    .annotations(ANNOTATIONS.map(annotation));
  addRows(builder, spec);
  return `${JSON.stringify(builder.build(), null, 2)}\n`;
}

/** Panels from left to right, rows from top to bottom; ids count up, so that a change moves as little as possible. */
// eslint-disable-next-line @typescript-eslint/no-deprecated
function addRows(builder: DashboardBuilder, { rows }: DashboardSpec): void {
  let id = 1;
  let y = 0;
  for (const { title, panels } of rows) {
    builder.withRow(new RowBuilder(title).id(id++).gridPos({ x: 0, y, w: COLUMNS, h: ROW_HEIGHT }));
    y += ROW_HEIGHT;
    let x = 0;
    let height = 0;
    for (const spec of panels) {
      if (x + widthOf(spec) > COLUMNS) {
        x = 0;
        y += height;
        height = 0;
      }
      builder.withPanel(panelOf(spec, { id: id++, x, y }));
      x += widthOf(spec);
      height = Math.max(height, heightOf(spec));
    }
    y += height;
  }
}

/** Every variable but the data source, in their order. */
export const variablesOf = ({ variables = [] }: DashboardSpec): readonly VariableSpec[] => [
  { name: 'job', metric: OUR_JOBS },
  { name: 'instance', metric: OUR_JOBS.replace('}', ',job=~"$job"}') },
  ...variables,
];

const labelValues = ({ name, metric }: VariableSpec): QueryVariableBuilder =>
  new QueryVariableBuilder(name)
    .label(name)
    .datasource(DATASOURCE)
    .query(`label_values(${metric}, ${name})`)
    .definition(`label_values(${metric}, ${name})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(EVERY_VALUE)
    .current({ selected: true, text: 'All', value: '$__all' });

const annotation = ({ name, expr, color }: (typeof ANNOTATIONS)[number]): AnnotationQueryBuilder =>
  new AnnotationQueryBuilder().name(name).datasource(DATASOURCE).expr(expr).iconColor(color).enable(true);
