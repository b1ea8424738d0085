import fc from 'fast-check';
import type { Answer } from './answer.ts';
import { mergeAnswers } from './merge.ts';
import { canSkip, chainOf, plan, type Plan } from './plan.ts';
import type { Supplements } from './supplement.ts';
import { type Fields, NEW_STATE, type Task, type TaskState } from './task.ts';

const NOW = 1_000_000;
/** `art` adds to what `beta` found, if that says which release it is on. */
const CHAIN = ['alpha', 'beta', 'art', 'gamma'];
const supplements: Supplements = new Map([
  [
    'art',
    { base: 'beta', question: ({ release }: Fields) => (release === undefined ? undefined : { release }) },
  ],
]);
const OPTIONS = { supplements };

const answer = (provider: string, kind: Answer['kind'], fields: Fields = {}): Answer => ({
  provider,
  kind,
  fetchedAt: NOW,
  expiresAt: NOW + 1,
  requests: 1,
  ...(kind === 'hit' && { id: `${provider}-id`, fields }),
});
const FOUND = answer('beta', 'hit', { title: 'B', release: 'r1' });
const ART = answer('art', 'hit', { artwork_url: 'art' });

const task = (
  answers: readonly Answer[],
  more: Partial<Task> = {},
  state: Partial<TaskState> = {},
): Task => ({
  taskId: 't1',
  pipeline: 'tracks',
  owner: 'tests',
  priority: 5,
  entity: {},
  extra: {},
  strategy: 'first',
  ...more,
  state: { ...NEW_STATE, answers: Object.fromEntries(answers.map((one) => [one.provider, one])), ...state },
});
const planned = (given: Task): Plan => plan(given, CHAIN, NOW, OPTIONS);
const enriched = (missing: readonly string[] = []): Plan => ({
  do: 'complete',
  outcome: 'enriched',
  partial: missing.length > 0,
  missing,
});

describe('a supplement', () => {
  it('is asked once its base has a hit, also by a task that asks nobody else any more', () => {
    expect(planned(task([answer('alpha', 'miss')]))).toEqual({ do: 'look_up', provider: 'beta' });
    expect(planned(task([answer('alpha', 'miss'), FOUND]))).toEqual({ do: 'look_up', provider: 'art' });
    expect(planned(task([answer('alpha', 'miss'), FOUND, ART]))).toEqual(enriched());
  });

  it('is not waited for by a task that another provider enriched', () => {
    expect(planned(task([answer('alpha', 'hit')]))).toEqual(enriched());
    // The base would have had a hit, but the result takes none of its fields.
    expect(planned(task([answer('alpha', 'hit'), FOUND]))).toEqual(enriched());
  });

  it('is not asked about a hit that tells it too little', () => {
    expect(planned(task([answer('beta', 'hit', { title: 'B' })], { providers: ['beta', 'art'] }))).toEqual(
      enriched(),
    );
  });

  it.each(['miss', 'ambiguous'] as const)('is not asked when its base has a %s', (kind) => {
    const others = [answer('alpha', 'miss'), answer('beta', kind), answer('gamma', 'miss')];
    expect(planned(task(others))).toMatchObject({ do: 'complete', missing: [] });
  });

  it('is what is missing when it failed or was passed over, and costs no match', () => {
    const merge = { strategy: 'merge' } as const;
    const all = [answer('alpha', 'miss'), FOUND, answer('gamma', 'miss')];
    expect(planned(task(all, {}, { failed: { art: 'down' } }))).toEqual(enriched(['art']));
    expect(planned(task(all, merge, { skipped: { art: 'closed' } }))).toEqual(enriched(['art']));
  });

  it('is missed by nobody who would not have asked it', () => {
    expect(planned(task([answer('alpha', 'hit')], {}, { failed: { art: 'down' } }))).toEqual(enriched());
  });

  it('may always be passed over, and is nobody who could still find something', () => {
    const { finders } = chainOf(task([]), CHAIN, OPTIONS);
    expect(finders).toEqual(['alpha', 'beta', 'gamma']);
    expect(canSkip(task([FOUND]), 'art', finders, NOW)).toBe(true);
    expect(canSkip(task([answer('alpha', 'miss'), answer('gamma', 'miss')]), 'beta', finders, NOW)).toBe(
      false,
    );
  });

  it('brings its base along when a task names it, and is ignored where its base is not served', () => {
    const asking = task([], { providers: ['art', 'alpha'] });
    expect(chainOf(asking, CHAIN, OPTIONS)).toMatchObject({
      providers: ['beta', 'art', 'alpha'],
      ignored: [],
    });
    expect(chainOf(asking, CHAIN, { ...OPTIONS, known: ['alpha', 'art'] })).toMatchObject({
      providers: ['alpha'],
      ignored: ['art'],
    });
  });

  it('adds its fields to those of its base, under its own name, and is neither match nor source', () => {
    const match = { score: 0.9, matcherVersion: '1', fields: [], rung: 'r' };
    const rules = { chain: CHAIN, supplements, preferred: {} };
    const merged = mergeAnswers(task([{ ...FOUND, match }, ART]), rules, NOW);
    expect(merged).toMatchObject({ enriched: { title: 'B', artwork_url: 'art' }, source: 'beta', match });
    expect(merged.provenance['artwork_url']).toMatchObject({ provider: 'art', id: 'art-id' });
  });

  it('adds nothing to a result that takes nothing of its base', () => {
    const other = answer('alpha', 'hit', { title: 'A' });
    const rules = { chain: CHAIN, supplements, preferred: {} };
    expect(mergeAnswers(task([other, FOUND, ART]), rules, NOW).enriched).toEqual({ title: 'A' });
    expect(mergeAnswers(task([answer('beta', 'miss'), ART]), rules, NOW).enriched).toEqual({});
  });
});

type Event = 'hit' | 'miss' | 'ambiguous' | 'fail';
const EVENTS = ['hit', 'miss', 'ambiguous', 'fail'] as const;

/** What a worker does with a plan, each provider answering as drawn; with the answers at the end. */
function run(
  start: Task,
  events: Readonly<Record<string, Event>>,
): { asked: string[]; end: Plan; last: Task } {
  let last = start;
  const asked: string[] = [];
  for (;;) {
    const next = planned(last);
    if (next.do === 'complete') return { asked, end: next, last };
    const { provider } = next;
    expect(asked).not.toContain(provider);
    asked.push(provider);
    const event = events[provider] ?? 'miss';
    const { state } = last;
    const changed =
      event === 'fail'
        ? { failed: { ...state.failed, [provider]: 'down' } }
        : { answers: { ...state.answers, [provider]: answer(provider, event, { release: 'r1' }) } };
    last = { ...last, state: { ...state, ...changed } };
  }
}

test('whatever everybody answers: it ends, and the supplement changes neither the outcome nor who is asked besides', () => {
  const drawn = fc.record(Object.fromEntries(CHAIN.map((name) => [name, fc.constantFrom(...EVENTS)])));
  fc.assert(
    fc.property(drawn, fc.constantFrom('first' as const, 'merge' as const), (events, strategy) => {
      const { asked, end, last } = run(task([], { strategy }), events);
      const without = plan({ ...last, providers: ['alpha', 'beta', 'gamma'] }, CHAIN, NOW, OPTIONS);
      if (end.do !== 'complete' || without.do !== 'complete') throw new Error('not complete');
      expect(end.outcome).toBe(without.outcome);
      expect(asked.includes('art')).toBe(
        events['beta'] === 'hit' && !(strategy === 'first' && events['alpha'] === 'hit'),
      );
    }),
  );
});
