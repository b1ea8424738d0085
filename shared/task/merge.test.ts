import type { Answer } from './answer.ts';
import { mergeAnswers } from './merge.ts';
import { NO_SUPPLEMENTS } from './supplement.ts';
import { NEW_STATE, type Fields, type Strategy, type Task } from './task.ts';

const NOW = 5_000;
const RULES = {
  supplements: NO_SUPPLEMENTS,
  chain: ['alpha', 'beta'],
  preferred: { title: ['beta'], genres: ['beta', 'alpha'] },
};

const hit = (provider: string, fields: Fields): Answer => ({
  provider,
  kind: 'hit',
  fetchedAt: provider === 'alpha' ? 1_000 : 2_000,
  expiresAt: 9_000,
  requests: 1,
  id: `${provider}-id`,
  fields,
  match: { score: 0.9, matcherVersion: '1', fields: [], rung: provider },
});

const task = (strategy: Strategy, ...answers: Answer[]): Task => ({
  taskId: 't1',
  pipeline: 'tracks',
  owner: 'tests',
  priority: 5,
  entity: {},
  extra: {},
  strategy,
  state: { ...NEW_STATE, answers: Object.fromEntries(answers.map((answer) => [answer.provider, answer])) },
});

test('strategy first takes the fields of one hit only, whatever else was answered', () => {
  const merged = mergeAnswers(
    task('first', hit('beta', { title: 'B', genres: ['rock'] }), hit('alpha', { title: 'A' })),
    RULES,
    NOW,
  );
  expect(merged.enriched).toEqual({ title: 'A' });
  expect(merged.source).toBe('alpha');
  expect(merged.match?.rung).toBe('alpha');
});

test('merge takes each field from the most believed provider, then in the order of the chain', () => {
  const merged = mergeAnswers(
    task('merge', hit('alpha', { title: 'A', album: 'A', year: 1 }), hit('beta', { title: 'B', album: 'B' })),
    RULES,
    NOW,
  );
  expect(merged.enriched).toEqual({ title: 'B', album: 'A', year: 1 });
  expect(merged.provenance).toEqual({
    title: { provider: 'beta', id: 'beta-id', fetched_at: 2_000, expires_at: 9_000 },
    album: { provider: 'alpha', id: 'alpha-id', fetched_at: 1_000, expires_at: 9_000 },
    year: { provider: 'alpha', id: 'alpha-id', fetched_at: 1_000, expires_at: 9_000 },
  });
});

test('nothing is no value: null, blank and empty lists give way to the next provider', () => {
  const merged = mergeAnswers(
    task(
      'merge',
      hit('alpha', { title: 'A', genres: ['jazz'], explicit: false, album: '' }),
      hit('beta', { title: null, genres: [] }),
    ),
    RULES,
    NOW,
  );
  expect(merged.enriched).toEqual({ title: 'A', genres: ['jazz'], explicit: false });
});

test('without a hit nothing is enriched, and the nearest of the ambiguous matches is kept', () => {
  const ambiguous = (provider: string, score: number): Answer => ({
    ...hit(provider, { title: 'wrong' }),
    kind: 'ambiguous',
    match: { score, matcherVersion: '1', fields: [], rung: provider },
  });
  const merged = mergeAnswers(task('merge', ambiguous('alpha', 0.7), ambiguous('beta', 0.8)), RULES, NOW);
  expect(merged).toMatchObject({ enriched: {}, provenance: {}, match: { score: 0.8 } });
  expect(merged.source).toBeUndefined();
});

test('a hit older than notBefore gives nothing', () => {
  const refreshed = { ...task('first', hit('alpha', { title: 'A' })), notBefore: 4_000 };
  expect(mergeAnswers(refreshed, RULES, NOW).enriched).toEqual({});
});
