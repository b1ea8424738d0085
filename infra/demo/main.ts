/** `npm run demo`: everything from an empty machine to enriched records, and what came out. */
import { join } from 'node:path';
import { currentEnvironment } from '../../shared/runtime/environment.ts';
import { instanceOf, type Instance } from '../local-stack/instance.ts';
import { interruptible, Interruption } from '../local-system/interruption.ts';
import { AlreadyRunning, oneAtATime } from '../local-system/one-at-a-time.ts';
import { loadProviders, type ProviderMode } from '../local-system/provider-mode.ts';
import { askableSources } from './askable-sources.ts';
import { openDemoSystem, removeDemoSystem, type DemoSystem } from './demo-system.ts';
import { nextSteps } from './next-steps.ts';
import { HELP, parseOptions, UsageError, type DemoOptions } from './options.ts';
import { ProgressDisplay } from './progress-display.ts';
import { resultText } from './result-text.ts';
import { runDemo } from './run-demo.ts';
import { isEverythingSettled, resultDocument, type RunResult } from './run-result.ts';
import { waitingIn } from './run-state.ts';
import { styleOf } from './style.ts';
import { stuckText } from './stuck-text.ts';

/** Said in README and in the help: the same shape as the real services, only faster. */
const SPEED = 20;
const LATENCY = 0.1;

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

async function main(options: DemoOptions): Promise<number> {
  if (options.action === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  const instance = instanceOf(options.stack);
  return oneAtATime(instance, () => (options.action === 'stop' ? stop(instance) : run(options, instance)));
}

async function stop(instance: Instance): Promise<number> {
  const stopped = await removeDemoSystem(instance, say);
  say(`Stopped: ${[...stopped, 'the servers'].join(', ')}. The data of the demo is removed.`);
  return 0;
}

async function run(options: DemoOptions, instance: Instance): Promise<number> {
  const startedAt = performance.now();
  const signal = interruptible(() => {
    say('\nStopping what the demo started; Ctrl-C again leaves at once …');
  });
  const mode: ProviderMode = options.isLive
    ? { kind: 'live' }
    : { kind: 'sandbox', speed: SPEED, latency: LATENCY };
  say(modeLine(mode));
  const definitions = await loadProviders();
  const sources = askableSources(definitions, mode, say);
  const demo = await openDemoSystem({ instance, mode, definitions, report: say, signal });
  try {
    const display = new ProgressDisplay(process.stderr, currentEnvironment());
    const { limit } = options;
    const found = await runDemo({ demo, mode, definitions, sources, limit, display, signal });
    const result = { ...found, totalSeconds: (performance.now() - startedAt) / 1_000 };
    return show(result, options, demo);
  } finally {
    await end(demo, options);
  }
}

function show(result: RunResult, { isJson, isKept, stack }: DemoOptions, demo: DemoSystem): number {
  const isWell = isEverythingSettled(result) && waitingIn(result.state) === 0;
  if (isJson) process.stdout.write(`${JSON.stringify(resultDocument(result), undefined, 2)}\n`);
  else {
    const style = styleOf(process.stdout);
    const next = nextSteps({ urls: demo.urls, stack, owner: result.owner, isKept: isKept || demo.isReused });
    process.stdout.write(`\n${resultText(result, style)}\n\n${next}\n\n`);
  }
  if (!isWell) say(stuckText(result, join(instanceOf(stack).stateDir, 'logs')));
  return isWell ? 0 : 1;
}

async function end(demo: DemoSystem, { isKept }: DemoOptions): Promise<void> {
  if (isKept || demo.isReused) return;
  await demo.stop();
  say('Stopped what the demo had started.');
}

function modeLine(mode: ProviderMode): string {
  if (mode.kind === 'live') return 'Asking the real services, at their real limits.';
  return [
    `Providers are doubled by a sandbox at ${SPEED} times their real limits and a tenth of their`,
    'latency: nothing leaves this machine.',
  ].join('\n');
}

try {
  process.exitCode = await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  if (error instanceof Interruption) process.exitCode = 130;
  else {
    say((error as Error).message);
    if (error instanceof AlreadyRunning) say('Wait for it, or stop it with Ctrl-C where it runs.');
    if (error instanceof UsageError) say('(npm run demo -- --help)');
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}
