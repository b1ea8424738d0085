/** The files of Prometheus, made from the rules and their tests. */
import { toYaml, type Yaml } from '../yaml.ts';
import { type Alert, type AlertGroup, runbookOf } from './alert.ts';
import { deliveryAlerts } from './alerts/deliveries.ts';
import { providerAlerts } from './alerts/providers.ts';
import { queueAlerts } from './alerts/queues.ts';
import { serverAlerts } from './alerts/servers.ts';
import { workAlerts } from './alerts/work.ts';
import { workerAlerts } from './alerts/workers.ts';
import { COMPOSE_TARGETS, scrapeConfig } from './scrape-config.ts';
import { RECORDING_GROUPS } from './recording-rules.ts';

export const ALERT_GROUPS: readonly AlertGroup[] = [
  queueAlerts,
  deliveryAlerts,
  workAlerts,
  providerAlerts,
  workerAlerts,
  serverAlerts,
];

/** Fires whatever happens: it has no silent case. */
export const ALWAYS_FIRING = 'Watchdog';

const HEAD =
  '# Made from the code by `npm run -s docs:generate`: change monitoring/prometheus, not this file.\n';
const RULES = 'enrichment-rules.yml';
const ALERTS = 'enrichment-alerts.yml';

/** Path from the root of the repository → content. */
export const prometheusFiles = (): readonly (readonly [string, string])[] => [
  [`monitoring/prometheus/${RULES}`, HEAD + toYaml({ groups: recordingGroups() })],
  [`monitoring/prometheus/${ALERTS}`, HEAD + toYaml({ groups: ALERT_GROUPS.map(alertGroup) })],
  ['monitoring/prometheus/prometheus.yml', HEAD + scrapeConfig(COMPOSE_TARGETS, [RULES, ALERTS])],
  ['monitoring/prometheus/enrichment-alerts.test.yml', HEAD + toYaml(ruleTests())],
];

const recordingGroups = (): Yaml =>
  RECORDING_GROUPS.map(({ name, rules }) => ({
    name,
    rules: rules.map(({ record, expr }) => ({ record, expr })),
  }));

const alertGroup = ({ name, alerts }: AlertGroup): Yaml => ({
  name,
  rules: alerts.map((alert) => ({
    alert: alert.name,
    expr: alert.expr,
    for: alert.for,
    keep_firing_for: alert.keepFiringFor,
    labels: labelsOf(alert),
    annotations: annotationsOf(alert, alert.summary),
  })),
});

const labelsOf = ({ severity, slo }: Alert): Yaml => ({ severity, slo });

const annotationsOf = (alert: Alert, summary: string): Yaml => ({
  summary,
  description: alert.description,
  runbook_url: runbookOf(alert),
  dashboard_uid: alert.dashboard,
});

function ruleTests(): Yaml {
  return {
    rule_files: [RULES, ALERTS],
    evaluation_interval: '30s',
    tests: ALERT_GROUPS.flatMap(({ alerts }) => alerts.flatMap(casesOf)),
  };
}

function casesOf(alert: Alert): Yaml[] {
  const { name, severity, slo, fires, silent } = alert;
  const expected = {
    exp_labels: { severity, slo, ...fires.labels },
    exp_annotations: annotationsOf(alert, fires.summary),
  };
  const firing = testCase(`${name} fires`, fires.series, {
    eval_time: fires.at,
    alertname: name,
    exp_alerts: [expected],
  });
  if (name === ALWAYS_FIRING) return [firing];
  const quiet = testCase(`${name} is silent`, silent.series, {
    eval_time: silent.at,
    alertname: name,
    exp_alerts: [],
  });
  return [firing, quiet];
}

const testCase = (name: string, series: Readonly<Record<string, string>>, check: Yaml): Yaml => ({
  name,
  interval: '1m',
  input_series: Object.entries(series).map(([selector, values]) => ({ series: selector, values })),
  alert_rule_test: [check],
});
