/** The files of Prometheus, made from the rules and their tests. */
import { toYaml, type Yaml } from '../yaml.ts';
import { type AlertGroup, annotationsOf, labelsOf } from './alert.ts';
import { apiAlerts } from './alerts/api.ts';
import { deliveryAlerts } from './alerts/deliveries.ts';
import { jobAlerts } from './alerts/jobs.ts';
import { providerAlerts } from './alerts/providers.ts';
import { queueAlerts } from './alerts/queues.ts';
import { serverAlerts } from './alerts/servers.ts';
import { workAlerts } from './alerts/work.ts';
import { workerAlerts } from './alerts/workers.ts';
import { COMPOSE_TARGETS, scrapeConfig } from './scrape-config.ts';
import { RECORDING_GROUPS } from './recording-rules.ts';
import { RULE_TESTS } from './rule-tests.ts';

export const ALERT_GROUPS: readonly AlertGroup[] = [
  queueAlerts,
  deliveryAlerts,
  workAlerts,
  jobAlerts,
  apiAlerts,
  providerAlerts,
  workerAlerts,
  serverAlerts,
];

const HEAD =
  '# Made from the code by `npm run -s docs:generate`: change monitoring/prometheus, not this file.\n';
const RULES = 'enrichment-rules.yml';
const ALERTS = 'enrichment-alerts.yml';

/** Path from the root of the repository → content. */
export const prometheusFiles = (): readonly (readonly [string, string])[] => [
  [`monitoring/prometheus/${RULES}`, HEAD + toYaml({ groups: recordingGroups() })],
  [`monitoring/prometheus/${ALERTS}`, HEAD + toYaml({ groups: ALERT_GROUPS.map(alertGroup) })],
  ['monitoring/prometheus/prometheus.yml', HEAD + scrapeConfig(COMPOSE_TARGETS, [RULES, ALERTS])],
  ...RULE_TESTS.map(
    ({ file, tests }) =>
      [`monitoring/prometheus/${file}`, HEAD + toYaml(tests(ALERT_GROUPS, [RULES, ALERTS]))] as const,
  ),
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
