import type { Candidate, Judgement } from '../task/answer.ts';
import { lookUp, type LookUpDeps } from './look-up.ts';
import type { Provider, Rung } from './provider.ts';

interface Found extends Candidate {
  readonly score: number;
}
const found = (id: string, score: number): Found => ({
  id,
  title: `title of ${id}`,
  fields: { title: id },
  score,
});

/** Accepts from 0.9 on, is undecided from 0.7 on. */
function judge(_query: string, candidates: readonly Found[]): Judgement<Found> {
  const [best, runnerUp] = [...candidates]
    .sort((a, b) => b.score - a.score)
    .map((candidate) => ({
      candidate,
      score: candidate.score,
      distance: 1 - candidate.score,
      fields: [{ field: 'title', distance: 1 - candidate.score, weight: 3 }],
      vetoes: [],
    }));
  const score = best?.score ?? 0;
  return {
    verdict: score >= 0.9 ? 'accepted' : score >= 0.7 ? 'ambiguous' : 'none',
    ...(best === undefined ? {} : { best }),
    ...(runnerUp === undefined ? {} : { runnerUp }),
  };
}

const climbed: string[] = [];
const rungs = (...steps: (readonly Found[])[]): readonly Rung<Found>[] =>
  steps.map((candidates, index) => ({
    name: `rung ${index + 1}`,
    async search() {
      climbed.push(`rung ${index + 1}`);
      return candidates;
    },
  }));

function depsOf(): LookUpDeps<string, Found> {
  climbed.length = 0;
  return {
    name: 'example',
    query: 'q',
    matcher: { judge, version: 'm1' },
    call: () => Promise.reject(new Error('not used here')),
    requests: () => 3,
    now: () => 1_000_000,
    ttl: { hitSeconds: 600, missSeconds: 60, maxSeconds: 900 },
  };
}

const run = (provider: Provider<string, Found>, changes: Partial<LookUpDeps<string, Found>> = {}) =>
  lookUp(provider, { ...depsOf(), ...changes });

describe('lookUp', () => {
  it('stops at the first rung with an accepted candidate and explains the match', async () => {
    const ladder = () =>
      rungs([found('far', 0.3)], [found('right', 0.95), found('second', 0.6)], [found('late', 1)]);
    expect(await run({ ladder })).toEqual({
      provider: 'example',
      kind: 'hit',
      fetchedAt: 1_000_000,
      expiresAt: 1_600_000,
      requests: 3,
      id: 'right',
      fields: { title: 'right' },
      match: {
        score: 0.95,
        matcherVersion: 'm1',
        fields: [{ field: 'title', distance: expect.closeTo(0.05, 5) as number, weight: 3 }],
        rung: 'rung 2',
        runnerUp: { id: 'second', title: 'title of second', score: 0.6 },
      },
    });
    expect(climbed).toEqual(['rung 1', 'rung 2']);
  });

  it('remembers the best ambiguous candidate until the last rung', async () => {
    const ladder = () => rungs([found('a', 0.75)], [found('b', 0.8)], [found('c', 0.7)]);
    const answer = await run({ ladder });
    expect(answer).toMatchObject({ kind: 'ambiguous', id: 'b', match: { rung: 'rung 2' } });
    expect(answer.expiresAt).toBe(1_060_000);
    expect(climbed).toHaveLength(3);
  });

  it('prefers an accepted candidate of a later rung to an ambiguous one', async () => {
    const ladder = () => rungs([found('a', 0.85)], [found('b', 0.9)]);
    expect(await run({ ladder })).toMatchObject({ kind: 'hit', id: 'b' });
  });

  it('comes to a bare miss when nothing is near', async () => {
    const answer = await run({ ladder: () => rungs([], [found('a', 0.2)]) });
    expect(answer).toEqual({
      provider: 'example',
      kind: 'miss',
      fetchedAt: 1_000_000,
      expiresAt: 1_060_000,
      requests: 3,
    });
  });

  it('takes the fields of the details and the score that they give', async () => {
    const answer = await run({
      ladder: () => rungs([found('a', 0.9), found('b', 0.5)]),
      details: async (candidate) => ({ ...candidate, id: 'merged', fields: { more: true }, score: 0.97 }),
    });
    expect(answer).toMatchObject({
      id: 'merged',
      fields: { more: true },
      match: { score: 0.97, runnerUp: { id: 'b' } },
    });
  });

  it('goes on climbing when details rule the candidate out', async () => {
    const answer = await run({
      ladder: () => rungs([found('a', 0.9)], [found('b', 0.9)]),
      details: async (candidate) => (candidate.id === 'a' ? { ...candidate, score: 0.1 } : candidate),
    });
    expect(answer).toMatchObject({ kind: 'hit', id: 'b' });
  });

  it('asks for no details of what is not accepted', async () => {
    const details = () => Promise.reject(new Error('asked'));
    expect(await run({ ladder: () => rungs([found('a', 0.8)]), details })).toMatchObject({
      kind: 'ambiguous',
    });
  });

  it('never keeps an answer for longer than the licence allows', async () => {
    const answer = await run(
      { ladder: () => rungs([found('a', 1)]) },
      { ttl: { hitSeconds: 5_000, missSeconds: 60, maxSeconds: 900 } },
    );
    expect(answer.expiresAt).toBe(1_900_000);
  });

  it('lets a fault through, without trying again', async () => {
    const fault = new Error('down');
    const search = () => {
      climbed.push('failing');
      return Promise.reject(fault);
    };
    await expect(run({ ladder: () => [{ name: 'failing', search }] })).rejects.toBe(fault);
    expect(climbed).toEqual(['failing']);
  });

  it('bounds what a hostile answer can put into a message', async () => {
    const huge = 'x'.repeat(1_000_000);
    const hostile = (id: string, score: number) => ({
      id: id + huge,
      title: huge,
      fields: { title: huge, huge },
      score,
    });
    const answer = await run({ ladder: () => rungs([hostile('a', 1), hostile('b', 0.2)]) });
    expect(JSON.stringify(answer).length).toBeLessThan(20_000);
  });

  it('takes what a supplement finds first as it comes, and calls it no match', async () => {
    const ladder = () => rungs([], [found('first', 0.1), found('second', 1)], [found('late', 1)]);
    const { matcher: _none, ...deps } = depsOf();
    const answer = await lookUp({ ladder }, deps);
    expect(answer).toMatchObject({ kind: 'hit', id: 'first', fields: { title: 'first' } });
    expect(answer).not.toHaveProperty('match');
    expect(climbed).toEqual(['rung 1', 'rung 2']);
  });

  it('keeps a supplement that has nothing as long as a miss', async () => {
    const { matcher: _none, ...deps } = depsOf();
    const answer = await lookUp({ ladder: () => rungs([], []) }, deps);
    expect(answer).toMatchObject({ kind: 'miss', expiresAt: 1_060_000 });
  });
});
