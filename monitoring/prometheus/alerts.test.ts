import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FOREIGN_METRICS, metricsIn, OWN_METRICS } from '../metric-names.ts';
import { DASHBOARDS } from '../grafana/files.ts';
import { runbookOf } from './alert.ts';
import { ALERT_GROUPS, prometheusFiles } from './files.ts';
import { RECORDING_GROUPS } from './recording-rules.ts';
import { ALWAYS_FIRING } from './rule-tests.ts';

const root = join(import.meta.dirname, '..', '..');
const alerts = ALERT_GROUPS.flatMap((group) => group.alerts);
const named = alerts.map((alert) => [alert.name, alert] as const);
const records = RECORDING_GROUPS.flatMap(({ rules }) =>
  rules.map(({ record, expr }) => [record, expr] as const),
);

test('names of alerts are unique', () => {
  expect(new Set(alerts.map(({ name }) => name)).size).toBe(alerts.length);
});

test.each(named)('%s has a page with what it means, where to look and what to do', (_, alert) => {
  const page = readFileSync(join(root, runbookOf(alert)), 'utf8');
  expect(page.startsWith(`# ${alert.name}\n`)).toBe(true);
  expect(page.match(/^## .+$/gm)).toEqual(['## What it means', '## Where to look', '## What to do']);
});

test('every page belongs to an alert', () => {
  const pages = readdirSync(join(root, 'docs', 'runbooks')).filter((file) => file !== 'README.md');
  expect(pages.sort()).toEqual(alerts.map(({ name }) => `${name}.md`).sort());
});

test('every alert but the one that always fires is tested to fire and to be silent', () => {
  const text = prometheusFiles()
    .filter(([path]) => path.endsWith('.test.yml'))
    .map(([, content]) => content)
    .join('');
  for (const { name } of alerts) {
    expect(text).toContain(`name: ${name} fires\n`);
    expect(text.includes(`name: ${name} is silent\n`)).toBe(name !== ALWAYS_FIRING);
  }
});

test.each(named.filter(([name]) => name !== ALWAYS_FIRING))(
  '%s is silent on numbers that are there, not for the lack of them',
  (_, { silent }) => {
    expect(Object.keys(silent.series)).not.toEqual([]);
  },
);

test.each([...named.map(([name, { expr }]) => [name, expr] as const), ...records])(
  '%s reads only metrics that there are',
  (_, expr) => {
    const unknown = metricsIn(expr).filter((name) => !OWN_METRICS.has(name) && !FOREIGN_METRICS.has(name));
    expect(unknown).toEqual([]);
  },
);

test.each(named)('%s points to a dashboard that there is', (_, { dashboard }) => {
  expect(DASHBOARDS.map(({ uid }) => uid)).toContain(dashboard);
});

test('the dashboards of the alerts are committed', () => {
  const missing = DASHBOARDS.filter(
    ({ uid }) => !existsSync(join(root, `monitoring/grafana/dashboards/${uid}-dashboard.json`)),
  );
  expect(missing).toEqual([]);
});
