import fc from 'fast-check';
import type { Answer } from './answer.ts';
import * as planning from './plan.ts';
import { canSkip, type ChainOptions, countsFor, type Plan, type PlanOptions } from './plan.ts';
import { NO_SUPPLEMENTS } from './supplement.ts';
import { NEW_STATE, type Task, type TaskState } from './task.ts';

const CHAIN = ['alpha', 'beta', 'gamma'];
const NOW = 1_000_000;

/** Without supplements, which have claims of their own in supplement.test.ts. */
const ALONE = { supplements: NO_SUPPLEMENTS };
const plan = (given: Task, chain: readonly string[], now: number, options: Partial<PlanOptions> = {}): Plan =>
  planning.plan(given, chain, now, { ...ALONE, ...options });
const chainOf = (given: Task, chain: readonly string[], options: Partial<ChainOptions> = {}) =>
  planning.chainOf(given, chain, { ...ALONE, ...options });

const task = (state: Partial<TaskState> = {}, more: Partial<Task> = {}): Task => ({
  taskId: 't1',
  pipeline: 'tracks',
  owner: 'tests',
  priority: 5,
  entity: {},
  extra: {},
  strategy: 'first',
  state: { ...NEW_STATE, ...state },
  ...more,
});

const answer = (provider: string, kind: Answer['kind'], fetchedAt = NOW): Answer => ({
  provider,
  kind,
  fetchedAt,
  expiresAt: fetchedAt + 1,
  requests: 1,
});
const answers = (kinds: Record<string, Answer['kind']>): Record<string, Answer> =>
  Object.fromEntries(Object.entries(kinds).map(([provider, kind]) => [provider, answer(provider, kind)]));

const lookUp = (provider: string): Plan => ({ do: 'look_up', provider });

test('a new task is looked up at the first provider of the chain', () => {
  expect(plan(task(), CHAIN, NOW)).toEqual(lookUp('alpha'));
});

test('strategy first stops at a hit, also when others are open', () => {
  expect(plan(task({ answers: answers({ alpha: 'hit' }) }), CHAIN, NOW)).toEqual({
    do: 'complete',
    outcome: 'enriched',
    partial: false,
    missing: [],
  });
});

test('strategy merge goes on after a hit, to the provider with the least ETA', () => {
  const etas: Record<string, number> = { beta: 30, gamma: 2 };
  const merge = task({ answers: answers({ alpha: 'hit' }) }, { strategy: 'merge' });
  expect(plan(merge, CHAIN, NOW, { etaSeconds: (provider) => etas[provider] ?? 0 })).toEqual(lookUp('gamma'));
});

test('strategy first keeps the order of the chain whatever the ETAs are', () => {
  expect(plan(task(), CHAIN, NOW, { etaSeconds: (provider) => (provider === 'alpha' ? 9 : 0) })).toEqual(
    lookUp('alpha'),
  );
});

interface Row {
  readonly claim: string;
  readonly kinds?: Record<string, Answer['kind']>;
  readonly failed?: Record<string, string>;
  readonly skipped?: Record<string, string>;
  readonly outcome: string;
  readonly missing: readonly string[];
}
const down = { alpha: 'down' };
const closed = { alpha: 'closed' };
const miss = { beta: 'miss', gamma: 'miss' } as const;
const rows: readonly Row[] = [
  {
    claim: 'a hit beside a failure is enriched in part',
    kinds: { beta: 'hit' },
    failed: down,
    outcome: 'enriched',
    missing: ['alpha'],
  },
  {
    claim: 'a hit beside a skip is enriched in part',
    kinds: { beta: 'hit' },
    skipped: closed,
    outcome: 'enriched',
    missing: ['alpha'],
  },
  {
    claim: 'a failure without a hit is dead',
    kinds: miss,
    failed: down,
    outcome: 'dead',
    missing: ['alpha'],
  },
  {
    claim: 'a failure outweighs an ambiguous answer',
    kinds: { beta: 'ambiguous', gamma: 'miss' },
    failed: down,
    outcome: 'dead',
    missing: ['alpha'],
  },
  {
    claim: 'an ambiguous answer outweighs misses',
    kinds: { ...miss, alpha: 'ambiguous' },
    outcome: 'ambiguous',
    missing: [],
  },
  {
    claim: 'misses alone are not found',
    kinds: { ...miss, alpha: 'miss' },
    outcome: 'not_found',
    missing: [],
  },
  {
    claim: 'a skip beside misses is not found in part',
    kinds: miss,
    skipped: closed,
    outcome: 'not_found',
    missing: ['alpha'],
  },
];
test.each(rows)('$claim', ({ kinds = {}, failed = {}, skipped = {}, outcome, missing }) => {
  expect(plan(task({ answers: answers(kinds), failed, skipped }), CHAIN, NOW)).toEqual({
    do: 'complete',
    outcome,
    partial: missing.length > 0,
    missing,
  });
});

test('answers older than notBefore do not count', () => {
  const refreshed = task({ answers: { alpha: answer('alpha', 'hit', NOW - 10) } }, { notBefore: NOW - 5 });
  expect(plan(refreshed, CHAIN, NOW)).toEqual(lookUp('alpha'));
});

test('an answer given after the first try counts although notBefore lies in the future', () => {
  const eager = task({ firstAt: NOW - 10 }, { notBefore: NOW + 1_000_000 });
  expect(countsFor(eager, answer('alpha', 'hit', NOW - 5), NOW)).toBe(true);
  expect(countsFor(eager, answer('alpha', 'hit', NOW - 15), NOW)).toBe(false);
});

test('an override replaces the chain, and unknown names in it are reported', () => {
  const chosen = task({}, { providers: ['gamma', 'nobody', 'alpha', 'gamma'] });
  expect(chainOf(chosen, CHAIN)).toMatchObject({ providers: ['gamma', 'alpha'], ignored: ['nobody'] });
  expect(plan(chosen, CHAIN, NOW)).toEqual(lookUp('gamma'));
});

test('an override may name a provider that is served but not in the chain', () => {
  expect(plan(task({}, { providers: ['delta'] }), CHAIN, NOW, { known: [...CHAIN, 'delta'] })).toEqual(
    lookUp('delta'),
  );
});

test('an override of unknown names only leaves the chain as it is', () => {
  expect(plan(task({}, { providers: ['nobody'] }), CHAIN, NOW)).toEqual(lookUp('alpha'));
});

test('a provider named like a property of every object is open', () => {
  expect(plan(task(), ['constructor'], NOW)).toEqual(lookUp('constructor'));
});

test('the last provider that could still answer cannot be skipped', () => {
  const rest = task({ answers: answers({ alpha: 'miss' }), failed: { beta: 'down' } });
  expect(canSkip(rest, 'gamma', CHAIN, NOW)).toBe(false);
  expect(canSkip(task({ failed: { beta: 'down' } }), 'gamma', CHAIN, NOW)).toBe(true);
});

test('when every gate was closed the task waits instead of being given up', () => {
  const skipped = { alpha: 'closed', beta: 'closed', gamma: 'closed' };
  expect(plan(task({ skipped }), CHAIN, NOW)).toEqual(lookUp('alpha'));
});

type Event = 'hit' | 'miss' | 'ambiguous' | 'fail' | 'skip';

/** What a worker does with a plan, with the events of each provider drawn beforehand. */
function run(
  start: Task,
  events: Record<string, readonly Event[]>,
): { asked: string[]; end: Plan; state: TaskState } {
  let state = start.state;
  const asked: string[] = [];
  for (let step = 0; step < 100; step++) {
    const current = { ...start, state };
    const next = plan(current, CHAIN, NOW);
    if (next.do === 'complete') return { asked, end: next, state };
    const { provider } = next;
    const chain = chainOf(current, CHAIN).providers;
    const event = events[provider]?.[asked.filter((one) => one === provider).length] ?? 'miss';
    if (event === 'skip' && !(provider in state.skipped) && canSkip(current, provider, chain, NOW)) {
      state = { ...state, skipped: { ...state.skipped, [provider]: 'closed' } };
      continue;
    }
    asked.push(provider);
    if (event === 'fail') state = { ...state, failed: { ...state.failed, [provider]: 'down' } };
    else {
      const kind = event === 'skip' ? 'miss' : event;
      state = { ...state, answers: { ...state.answers, [provider]: answer(provider, kind) } };
    }
  }
  throw new Error(`no end after ${asked.join(', ')}`);
}

const drawnEvents = fc.record(
  Object.fromEntries(
    CHAIN.map((name) => [
      name,
      fc.array(fc.constantFrom<Event>('hit', 'miss', 'ambiguous', 'fail', 'skip'), {
        minLength: 1,
        maxLength: 3,
      }),
    ]),
  ),
);
const drawnTask = fc
  .record({
    strategy: fc.constantFrom('first' as const, 'merge' as const),
    providers: fc.option(fc.subarray([...CHAIN, 'nobody']), { nil: undefined }),
    notBefore: fc.option(fc.integer({ min: 0, max: 2 * NOW }), { nil: undefined }),
    firstAt: fc.constant(NOW),
  })
  .map(({ providers, notBefore, strategy, firstAt }) =>
    task(
      { firstAt },
      { strategy, ...(providers && { providers }), ...(notBefore !== undefined && { notBefore }) },
    ),
  );

test('any course of events ends, and asks no provider twice', () => {
  fc.assert(
    fc.property(drawnTask, drawnEvents, (start, events) => {
      const { asked } = run(start, events);
      expect(new Set(asked).size).toBe(asked.length);
    }),
  );
});

test('the outcome follows the table after any course of events', () => {
  fc.assert(
    fc.property(drawnTask, drawnEvents, (start, events) => {
      const { end, state } = run(start, events);
      if (end.do !== 'complete') throw new Error('not complete');
      const kinds = Object.values(state.answers).map(({ kind }) => kind);
      const isDead = Object.keys(state.failed).length > 0;
      expect(end.outcome).toBe(
        kinds.includes('hit')
          ? 'enriched'
          : isDead
            ? 'dead'
            : kinds.includes('ambiguous')
              ? 'ambiguous'
              : 'not_found',
      );
      expect(end.partial).toBe(isDead || Object.keys(state.skipped).some((name) => !(name in state.answers)));
    }),
  );
});

test('a task never completes while everybody was passed over', () => {
  fc.assert(
    fc.property(drawnTask, drawnEvents, (start, events) => {
      const { state } = run(start, events);
      expect(Object.keys(state.answers).length + Object.keys(state.failed).length).toBeGreaterThan(0);
    }),
  );
});
