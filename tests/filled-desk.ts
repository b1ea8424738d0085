/** Dead letters of movies as workers leave them, for tests of what is done about them. */
import { LETTER_PRIORITY, letterHeaders } from '../shared/task/dead-letter.ts';
import { fingerprintOf } from '../shared/task/fingerprint.ts';
import type { TestPipeline } from './pipeline.ts';

export const ENTRY = 'movie_enrichment_queue';
export const DLQ = 'movie_enrichment_dlq';

export interface FillOptions {
  readonly of?: number;
  readonly replays?: number;
}

export const TITLES = [
  ['Avatar', 2009],
  ['Jaws', 1975],
  ['Gladiator', 2000],
  ['Braveheart', 1995],
  ['Titanic', 1997],
  ['Inception', 2010],
  ['Alien', 1979],
  ['Memento', 2001],
] as const;

/** Ids of as many letters, in the order in which they are in the queue. */
export const names = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `task-${index}`);

export const movie = (index: number): object => {
  const [title, year] = TITLES[index % TITLES.length]!;
  return { movie_id: `m${index}`, title, year, task_id: `task-${index}` };
};

/** Letters as a worker would have written them; every `of`-th one has the first cause. */
export async function fillDesk(
  { channel }: Pick<TestPipeline, 'channel'>,
  count: number,
  { of = 3, replays = 0 }: FillOptions = {},
): Promise<void> {
  for (let index = 0; index < count; index++) {
    const error = index % of === 0 ? 'tmdb: answered HTTP 503' : 'tmdb: no such field';
    const cause = { reason: 'providers_failed', errorClass: 'unavailable 503', error, provider: 'tmdb' };
    const at = 1_700_000_000_000 + index;
    const letter = {
      ...cause,
      id: `task-${index}`,
      pipeline: 'movies',
      fingerprint: fingerprintOf(cause),
      diedAt: at,
      firstError: error,
      firstErrorAt: at,
      attempts: 4,
      replays,
      originQueue: 'enrichment_tmdb_queue',
      lane: 'priority' as const,
      priority: 5,
      body: Buffer.alloc(0),
      headers: {},
    };
    channel.sendToQueue(DLQ, Buffer.from(JSON.stringify(movie(index))), {
      persistent: true,
      priority: LETTER_PRIORITY,
      messageId: letter.id,
      headers: letterHeaders(letter),
    });
  }
  await channel.waitForConfirms();
}

/** Takes everything out; the ids in the order of the queue. */
export async function drainQueue({ take }: Pick<TestPipeline, 'take'>, queue: string): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const message = await take(queue);
    if (message === false) return ids;
    ids.push(String(message.properties.messageId));
  }
}
