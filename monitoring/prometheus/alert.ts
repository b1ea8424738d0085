/** What an alert is made of. Its two tests are part of it: there is none without them. */
import type { Yaml } from '../yaml.ts';

export type Severity = 'critical' | 'warning' | 'info';

/** Series of a test by their selector, in promtool's notation: `0+60x30` = 31 samples, 60 more each minute. */
export type Series = Readonly<Record<string, string>>;

export interface Alert {
  /** Also the name of its page in docs/runbooks. */
  readonly name: string;
  readonly severity: Severity;
  /** The objective whose budget it guards. */
  readonly slo?: string;
  readonly expr: string;
  /** How long it has to be true. */
  readonly for?: string;
  readonly keepFiringFor?: string;
  /** May hold templates of Prometheus. */
  readonly summary: string;
  /** What people feel of it; no templates. */
  readonly description: string;
  /** Uid of the dashboard that shows it. */
  readonly dashboard: string;
  readonly fires: {
    readonly series: Series;
    readonly at: string;
    /** Besides severity and slo. */
    readonly labels?: Readonly<Record<string, string>>;
    /** As rendered. */
    readonly summary: string;
  };
  /** Close to firing, and rightly quiet. */
  readonly silent: { readonly series: Series; readonly at: string };
}

export interface AlertGroup {
  readonly name: string;
  readonly alerts: readonly Alert[];
}

export const runbookOf = ({ name }: Pick<Alert, 'name'>): string => `docs/runbooks/${name}.md`;

/** Those that the alert adds to the labels of its expression. */
export const labelsOf = ({ severity, slo }: Alert): Readonly<Record<string, string | undefined>> => ({
  severity,
  slo,
});

/** `summary`: the alert's own, or as it is once rendered. */
export const annotationsOf = (alert: Alert, summary: string): Yaml => ({
  summary,
  description: alert.description,
  runbook_url: runbookOf(alert),
  dashboard_uid: alert.dashboard,
});
