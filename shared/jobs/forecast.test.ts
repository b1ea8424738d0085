import { Readable } from 'node:stream';
import { openInput } from '../input/open-input.ts';
import { tracks } from '../pipelines/tracks/index.ts';
import { answerDigest } from '../redis/keys.ts';
import type { Answer } from '../task/answer.ts';
import { etaSeconds, forecast } from './forecast.ts';
import type { Forecast } from './forecast.ts';
import { type AcceptedRow, readRows } from '../input/read-rows.ts';
import { NEW_STATE, type Task } from '../task/task.ts';

const NOW = 1_000_000;
const rates = new Map([
  ['spotify', { count: 10, windowMs: 1_000 }],
  ['musicbrainz', { count: 1, windowMs: 1_000 }],
]);
const pipeline = { ...tracks, chain: ['spotify', 'musicbrainz'] };

const answer = (provider: string, kind: Answer['kind']): Answer => ({
  provider,
  kind,
  fetchedAt: NOW - 10,
  expiresAt: NOW + 10,
  requests: 1,
});

/** Foresees a file of these titles, where the given answers are cached by title. */
async function foresee(
  titles: readonly string[],
  cached: Readonly<Record<string, Answer>> = {},
  more: Partial<Task> = {},
): Promise<Forecast> {
  const stdin = Readable.from([
    Buffer.from(['artist,title', ...titles.map((title) => `a,${title}`)].join('\n')),
  ]);
  const answers = new Map(
    Object.entries(cached).map(([title, one]) => {
      const digest = answerDigest(pipeline.matcherVersion, pipeline.query({ artist: 'a', title }));
      return [`${one.provider} ${digest}`, one];
    }),
  );
  const taskOf = ({ accepted }: AcceptedRow): Task => ({
    taskId: 't',
    pipeline: pipeline.name,
    owner: '',
    priority: 5,
    entity: accepted.entity,
    extra: accepted.extra,
    strategy: 'first',
    state: NEW_STATE,
    ...more,
  });
  const rows = readRows(await openInput('-', { stdin }), { pipeline });
  return forecast(
    rows,
    { pipeline, taskOf },
    {
      rates,
      cached: async (addresses) =>
        addresses.map(({ provider, digest }) => answers.get(`${provider} ${digest}`)),
      now: () => NOW,
      signal: new AbortController().signal,
    },
  );
}

test('what is not known is looked up at the first provider, and the rate tells the time', async () => {
  const result = await foresee(['b', 'c', 'd']);
  expect(result).toMatchObject({ known: 0, cacheHits: {}, lookUps: { spotify: 3 } });
  expect(etaSeconds(result, rates)).toBeCloseTo(0.3);
});

test('a cached hit needs no look-up, a cached miss leads on to the next provider', async () => {
  const result = await foresee(['b', 'c', 'd'], {
    b: answer('spotify', 'hit'),
    c: answer('spotify', 'miss'),
  });
  expect(result).toMatchObject({
    known: 1,
    cacheHits: { spotify: 2 },
    lookUps: { musicbrainz: 1, spotify: 1 },
  });
  expect(etaSeconds(result, rates)).toBeCloseTo(1);
});

test('merge asks every provider that has not answered', async () => {
  const result = await foresee(['b', 'c'], { b: answer('spotify', 'hit') }, { strategy: 'merge' });
  expect(result).toMatchObject({ known: 0, lookUps: { spotify: 1, musicbrainz: 2 } });
});

test('a refresh counts no answer that is cached now', async () => {
  const result = await foresee(['b'], { b: answer('spotify', 'hit') }, { notBefore: NOW });
  expect(result).toMatchObject({ known: 0, cacheHits: {}, lookUps: { spotify: 1 } });
});

test('rows go on over many batches, and bad ones need nothing', async () => {
  const titles = Array.from({ length: 1_201 }, (_, index) => `title ${index}`);
  const { lookUps } = await foresee([...titles, '']);
  expect(lookUps).toEqual({ spotify: 1_201 });
});
