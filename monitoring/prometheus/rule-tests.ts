/** The tests of the alerts as promtool runs them: one case that fires and one that is silent, for each alert; and what the rules reckon. */
import type { Yaml } from '../yaml.ts';
import { type Alert, type AlertGroup, annotationsOf, labelsOf, type Series } from './alert.ts';
import { RECORDING_GROUPS } from './recording-rules.ts';
import { workersWantedTests } from './workers-wanted-tests.ts';

/** Fires whatever happens: it has no silent case. */
export const ALWAYS_FIRING = 'Watchdog';

interface RuleTests {
  readonly file: string;
  /** The whole content of the file. */
  readonly tests: (groups: readonly AlertGroup[], ruleFiles: readonly string[]) => Yaml;
}

interface Case {
  readonly alert: Alert;
  readonly series: Series;
  /** Minutes after the first sample. */
  readonly at: number;
  readonly fires: boolean;
}

/** From here on a case is a long one. */
const LONG_MINUTES = 80;

/**
 * promtool evaluates every rule at every step up to the time of a case, so a day of steps costs minutes of CPU. Hours are
 * looked at in coarse steps, in a file of their own: the step is that of a file.
 */
export const RULE_TESTS: readonly RuleTests[] = [
  {
    file: 'enrichment-alerts.test.yml',
    tests: testsWhere('1m', ({ at }) => at < LONG_MINUTES, workersWantedTests()),
  },
  { file: 'enrichment-alerts-long.test.yml', tests: testsWhere('5m', ({ at }) => at >= LONG_MINUTES) },
];

function testsWhere(
  step: string,
  isMeant: (one: Case) => boolean,
  others: readonly Yaml[] = [],
): RuleTests['tests'] {
  return (groups, ruleFiles) => ({
    rule_files: ruleFiles,
    evaluation_interval: step,
    // Without an order promtool takes one at random, and alerts then read what was recorded a step ago.
    group_eval_order: [...RECORDING_GROUPS, ...groups].map(({ name }) => name),
    tests: [
      ...groups
        .flatMap(({ alerts }) => alerts)
        .flatMap(casesOf)
        .filter(isMeant)
        .map(testCase),
      ...others,
    ],
  });
}

function casesOf(alert: Alert): readonly Case[] {
  const { fires, silent } = alert;
  const firing = { alert, series: fires.series, at: minutes(fires.at), fires: true };
  if (alert.name === ALWAYS_FIRING) return [firing];
  return [firing, { alert, series: silent.series, at: minutes(silent.at), fires: false }];
}

function minutes(time: string): number {
  const found = /^(\d+)m$/.exec(time)?.[1];
  if (found === undefined) throw new Error(`expected minutes such as 30m, got '${time}'`);
  return Number(found);
}

function testCase({ alert, series, at, fires }: Case): Yaml {
  const expected = {
    exp_labels: { ...labelsOf(alert), ...alert.fires.labels },
    exp_annotations: annotationsOf(alert, alert.fires.summary),
  };
  return {
    name: `${alert.name} ${fires ? 'fires' : 'is silent'}`,
    interval: '1m',
    input_series: Object.entries(series).map(([selector, values]) => ({ series: selector, values })),
    alert_rule_test: [{ eval_time: `${at}m`, alertname: alert.name, exp_alerts: fires ? [expected] : [] }],
  };
}
