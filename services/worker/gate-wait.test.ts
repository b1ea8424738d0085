import { setImmediate as nextTick } from 'node:timers/promises';
import { SILENT } from '../../shared/observability/log.ts';
import { GateClosed } from '../../shared/redis/gate-slot.ts';
import { GateWait } from './gate-wait.ts';

const HOUR_MS = 3_600_000;
const closedFor = (forMs: number): GateClosed =>
  new GateClosed('spotify', { forMs, sinceMs: 0, reason: 'quota_exhausted' });

function setUp(maxWaitMs: number) {
  const gate = { closedForMs: HOUR_MS, changed: (): void => undefined };
  const stop = new AbortController();
  const turns: string[] = [];
  let isShut = false;
  const wait = new GateWait({
    queue: 'enrichment_spotify_queue',
    maxWaitMs,
    log: SILENT,
    stopping: stop.signal,
    valve: {
      isShutBy: () => isShut,
      shut: () => {
        isShut = true;
        turns.push('shut');
      },
      open: () => {
        isShut = false;
        turns.push('open');
      },
    },
    gate: {
      closedFor: () => Promise.resolve(gate.closedForMs),
      changedWithin: () => new Promise((resolve) => (gate.changed = resolve)),
    },
  });
  const change = async (): Promise<void> => {
    gate.changed();
    await nextTick();
  };
  return { gate, stop, turns, wait, change };
}

test('a stage whose gate is closed for long is shut, and opened when the gate is', async () => {
  const { gate, turns, wait, change } = setUp(2 * HOUR_MS);
  expect(wait.shut(closedFor(HOUR_MS))).toBe('1m');
  await change();
  expect(turns).toEqual(['shut']);
  gate.closedForMs = 0;
  await change();
  expect(turns).toEqual(['shut', 'open']);
});

test('it is shut once, however many tasks find the gate closed', () => {
  const { turns, wait } = setUp(2 * HOUR_MS);
  wait.shut(closedFor(HOUR_MS));
  wait.shut(closedFor(HOUR_MS));
  expect(turns).toEqual(['shut']);
});

test('a stop while it waits leaves the stage shut', async () => {
  const { gate, stop, turns, wait, change } = setUp(2 * HOUR_MS);
  wait.shut(closedFor(HOUR_MS));
  gate.closedForMs = 0;
  stop.abort();
  await change();
  expect(turns).toEqual(['shut']);
});

test('closed for too long: a task that has to wait stays away longer than one that waits its time', () => {
  const { wait } = setUp(60_000);
  expect(wait.isTooLong(closedFor(HOUR_MS))).toBe(true);
  expect(wait.shut(closedFor(HOUR_MS))).toBe('15m');
});

test('openings that help nobody become rare, and frequent again once a task was passed on', async () => {
  const { turns, wait, change } = setUp(60_000);
  const looksUntilOpen = async (): Promise<number> => {
    wait.shut(closedFor(HOUR_MS));
    let looks = 0;
    for (; turns.at(-1) === 'shut'; looks++) await change();
    return looks;
  };
  expect(await looksUntilOpen()).toBe(1);
  expect(await looksUntilOpen()).toBe(2);
  expect(await looksUntilOpen()).toBe(4);
  wait.passedOn();
  expect(await looksUntilOpen()).toBe(1);
});
