/** Everything that is asked of Prometheus, from the same data that the dashboards and the files of rules are made of. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ANNOTATIONS,
  type DashboardSpec,
  EVERY_VALUE,
  variablesOf,
} from '../../monitoring/grafana/dashboard.ts';
import { DASHBOARDS } from '../../monitoring/grafana/files.ts';
import { ALERT_GROUPS } from '../../monitoring/prometheus/files.ts';
import { RECORDING_GROUPS } from '../../monitoring/prometheus/recording-rules.ts';
import { loosened, selectorsIn } from '../../monitoring/promql.ts';

export interface Check {
  /** Unique: where the expression stands. */
  readonly name: string;
  readonly expr: string;
  /** Asked over the latest minutes, as a curve is, or for now. */
  readonly isRange: boolean;
}

/** What Grafana would put in its place for a graph of an hour and a scrape each quarter of a minute. */
const RATE_INTERVAL = '1m';

const RUNBOOKS = join(import.meta.dirname, '..', '..', 'docs', 'runbooks');

/**
 * Panels and recording rules as they are; alerts and what runbooks ask with their thresholds taken away, since they are
 * silent while all is well; and each selector of all of them by itself, since an `or` may hide a name that is wrong.
 */
export function allChecks(): readonly Check[] {
  const whole = [...DASHBOARDS.flatMap(panelChecks), ...ruleChecks(), ...alertChecks(), ...runbookChecks()];
  const selectors = new Set(whole.flatMap(({ expr }) => selectorsIn(expr)).map(({ text }) => text));
  return [
    ...whole,
    ...DASHBOARDS.flatMap(variableChecks),
    ...ANNOTATIONS.map(({ name, expr }) => now(`annotation ${name}`, loosened(expr))),
    ...[...selectors].sort().map((text) => now(`series ${text}`, text)),
  ];
}

const now = (name: string, expr: string): Check => ({ name, expr, isRange: false });

const panelChecks = (dashboard: DashboardSpec): readonly Check[] =>
  dashboard.rows
    .flatMap(({ panels }) => panels)
    .flatMap(({ title, kind, queries }) =>
      queries.map(({ expr, legend }) => ({
        name: `panel ${dashboard.uid}: ${title}: ${legend}`,
        expr: filled(dashboard, expr),
        isRange: kind !== 'number',
      })),
    );

const ruleChecks = (): readonly Check[] =>
  RECORDING_GROUPS.flatMap(({ rules }) => rules.map(({ record, expr }) => now(`rule ${record}`, expr)));

const alertChecks = (): readonly Check[] =>
  ALERT_GROUPS.flatMap(({ alerts }) => alerts.map(({ name, expr }) => now(`alert ${name}`, loosened(expr))));

/** Blocks marked `promql` hold a query a line. */
const runbookChecks = (): readonly Check[] =>
  readdirSync(RUNBOOKS).flatMap((page) =>
    [...readFileSync(join(RUNBOOKS, page), 'utf8').matchAll(/^```promql\n([^`]*)^```$/gm)]
      .flatMap(([, block = '']) => block.trim().split('\n'))
      .map((query) => now(`runbook ${page}: ${query}`, loosened(query))),
  );

const variableChecks = (dashboard: DashboardSpec): readonly Check[] =>
  variablesOf(dashboard).map(({ name, metric }) =>
    now(
      `variable ${dashboard.uid}: ${name}`,
      `count by (${name}) (${filled(dashboard, withLabel(metric, name))})`,
    ),
  );

/** A series without the label gives the variable no value. */
const withLabel = (metric: string, label: string): string =>
  metric.endsWith('}') ? metric.replace(/\}$/, `,${label}!=""}`) : `${metric}{${label}!=""}`;

/** As Grafana fills it in while nobody has chosen anything. */
function filled(dashboard: DashboardSpec, expr: string): string {
  return variablesOf(dashboard).reduce(
    (text, { name }) => text.replaceAll(new RegExp(`\\$${name}\\b`, 'g'), EVERY_VALUE),
    expr.replaceAll('$__rate_interval', RATE_INTERVAL),
  );
}
