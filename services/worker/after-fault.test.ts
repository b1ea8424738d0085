import { SILENT } from '../../shared/observability/log.ts';
import { GateClosed } from '../../shared/redis/gate-slot.ts';
import { ProviderError } from '../../shared/task/provider-error.ts';
import { NEW_STATE } from '../../shared/task/task.ts';
import { afterFault, type Place, waitingStep } from './after-fault.ts';
import type { Work } from './work.ts';

const HOUR_MS = 3_600_000;
const work = {
  lane: 'priority',
  task: { taskId: 't', strategy: 'first', state: NEW_STATE },
} as unknown as Work;

function setup({ chain = ['spotify'], maxWaitMs = Infinity } = {}) {
  const moves: unknown[] = [];
  const later = (moved: Work, queue: string, step: string, outcome: string): void => {
    moves.push([queue, step, outcome, moved.task.state.attempts]);
  };
  const desk = { provider: { name: 'spotify', limits: { attempts: 2 } } } as unknown as Place['desk'];
  const deps = { router: { later }, log: SILENT, chain: () => chain, known: chain, supplements: new Map() };
  const wait = {
    isTooLong: ({ lastsMs }: GateClosed) => lastsMs > maxWaitMs,
    passedOn: () => undefined,
    shut: ({ forMs }: GateClosed) => waitingStep(forMs),
  };
  const run = (error: Error, of = work): Work | undefined =>
    afterFault(of, { desk, queue: 'q', wait }, error, deps);
  return { moves, run };
}

const closed = (forMs: number): GateClosed =>
  new GateClosed('spotify', { forMs, sinceMs: 0, reason: 'quota' });

test('however long the provider is closed, a task waits for a minute on the ladder and then in its queue', () => {
  const { moves, run } = setup();
  expect(run(closed(6 * HOUR_MS))).toBeUndefined();
  expect(run(new ProviderError('spotify', 'quota_exhausted', 'no more today', {}))).toBeUndefined();
  expect(run(closed(3_000))).toBeUndefined();
  expect(moves).toEqual([
    ['q', '1m', 'deferred', {}],
    ['q', '1m', 'deferred', {}],
    ['q', '5s', 'deferred', {}],
  ]);
});

test('a provider that is closed for too long is passed over where another one can answer, and only there', () => {
  const both = setup({ chain: ['spotify', 'musicbrainz'], maxWaitMs: HOUR_MS });
  expect(both.run(closed(2 * HOUR_MS))?.task.state.skipped).toEqual({ spotify: 'quota' });
  expect(both.moves).toEqual([]);
  const alone = setup({ maxWaitMs: HOUR_MS });
  expect(alone.run(closed(2 * HOUR_MS))).toBeUndefined();
  expect(alone.moves).toHaveLength(1);
});

test('a fault costs an attempt; the last one, and a fault of ours, give the provider up', () => {
  const { moves, run } = setup();
  const fault = new ProviderError('spotify', 'unavailable', 'answered HTTP 500', { status: 500 });
  expect(run(fault)).toBeUndefined();
  expect(moves).toEqual([['q', expect.any(String), 'retried', { spotify: 1 }]]);
  const tried = { ...work, task: { ...work.task, state: { ...NEW_STATE, attempts: { spotify: 1 } } } };
  expect(run(fault, tried)?.task.state.failed['spotify']).toContain('2 attempts');
  expect(run(new TypeError('x is not a function'))?.task.state.failed).toEqual({
    spotify: 'spotify: look-up broke: x is not a function',
  });
  expect(moves).toHaveLength(1);
});
