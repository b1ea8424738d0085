/**
 * `npm run -s check:dashboards [-- --json]`: every query of every dashboard and every rule has data in a running system. Exit 1
 * = a finding, 2 = it could not be looked at.
 */
import { parseArgs } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';
import { readSettings } from '../../shared/runtime/environment.ts';
import { settings } from '../local-stack/config.ts';
import { instanceOf } from '../local-stack/instance.ts';
import { interruptible, Interruption } from '../local-system/interruption.ts';
import { oneAtATime } from '../local-system/one-at-a-time.ts';
import { allChecks, type Check } from './checks.ts';
import { openCheckedSystem } from './checked-system.ts';
import { putLoad } from './load.ts';
import { PrometheusServer } from './prometheus-server.ts';
import { type Asked, isSettled, judge, type Verdict } from './verdict.ts';
import { WITHOUT_DATA } from './without-data.ts';

const STACK = 'dashboards';
/** After the load: by then every rate has its two points and every rule was evaluated on the rule before it. */
const PATIENCE_MS = 60_000;
const AGAIN_MS = 2_000;
/** Of everything, the start of the servers included; stopping comes on top. */
const LIMIT_MS = 180_000;

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
  if (readSettings(settings).stack === 'external')
    throw new Error(
      'ENRICHMENT_STACK=external: this check makes dead letters, so it uses its own servers alone',
    );
  const interrupted = interruptible(() => {
    say('\nStopping what the check started …');
  });
  const began = performance.now();
  const signal = AbortSignal.any([interrupted, AbortSignal.timeout(LIMIT_MS)]);
  const instance = instanceOf(STACK);
  const verdict = await oneAtATime(instance, async () => {
    const system = await openCheckedSystem(instance, { say, signal });
    try {
      const prometheus = await PrometheusServer.start(system.targets, say);
      try {
        say('Enriching a few records …');
        await putLoad(system, signal);
        say('Asking Prometheus …');
        return await look(prometheus, signal);
      } finally {
        await prometheus.stop();
      }
    } finally {
      await system.stop();
    }
  });
  show(verdict, { isJson: values.json, seconds: Math.round((performance.now() - began) / 1_000) });
  return verdict.problems.length === 0 ? 0 : 1;
}

/** Asks until everything that should have data has some, or patience is over. */
async function look(prometheus: PrometheusServer, signal: AbortSignal): Promise<Verdict> {
  const checks = allChecks();
  const settled = new Map<string, Asked>();
  let open: readonly Check[] = checks;
  for (const until = Date.now() + PATIENCE_MS; ;) {
    const asked = await Promise.all(
      open.map(async (check) => ({ check, answer: await prometheus.ask(check) })),
    );
    for (const one of asked) settled.set(one.check.name, one);
    open = asked.filter((one) => !isSettled(one, WITHOUT_DATA)).map(({ check }) => check);
    if (open.length === 0 || Date.now() > until) break;
    await wait(AGAIN_MS, undefined, { signal });
  }
  // What is listed was asked early: data may have come meanwhile.
  for (const check of checks.filter(({ name }) => name in WITHOUT_DATA))
    settled.set(check.name, { check, answer: await prometheus.ask(check) });
  const verdict = judge([...settled.values()], WITHOUT_DATA);
  return { ...verdict, problems: [...verdict.problems, ...(await prometheus.failedRules())] };
}

function show(
  { withData, listed, problems }: Verdict,
  { isJson, seconds }: { readonly isJson: boolean; readonly seconds: number },
): void {
  if (isJson) {
    const document = { ok: problems.length === 0, withData, withoutData: WITHOUT_DATA, problems, seconds };
    process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
    return;
  }
  for (const problem of problems) process.stdout.write(`FAIL ${problem}\n`);
  process.stdout.write(
    `${withData} queries have data, ${listed} have none for a reason, ${problems.length} problems (${seconds} s)\n`,
  );
}

try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = error instanceof Interruption ? 130 : 2;
  if (process.exitCode === 2) say((error as Error).message);
}
