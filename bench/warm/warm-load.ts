/**
 * The warm task, the same for every contender: a track whose answer is in Redis. One task is one body of about 110 bytes,
 * one answer of 1.5 KB and one row of 2.2 KB, as a look-up at Spotify leaves them; every task has a row of its own.
 */
import type { Redis } from 'ioredis';
import { tracks } from '../../shared/pipelines/tracks/index.ts';
import { AnswerCache } from '../../shared/redis/answer-cache.ts';
import { answerDigest } from '../../shared/redis/keys.ts';
import type { Answer } from '../../shared/task/answer.ts';

const PROVIDER = 'spotify';
const ENTITIES = 2_000;
const DAY_MS = 86_400_000;

const artistOf = (entity: number): string => `Artist Number ${entity % 97}`;
const titleOf = (entity: number): string => `A Song Called ${entity}`;

/** The body of a task; `owner` tells the runs apart. */
export function bodyOf(owner: string, at: number): Buffer {
  const entity = at % ENTITIES;
  const id = `${owner}-${at}`;
  return Buffer.from(
    JSON.stringify({ track_id: id, artist: artistOf(entity), title: titleOf(entity), owner, priority: 5 }),
  );
}

/** Where the bare clients find the answer: no digest, no version. */
export const bareKey = (artist: string, title: string): string => `bench:answer:${artist}|${title}`;

/** Puts every answer where the worker looks for it, and once more where the bare clients do. */
export async function cacheAnswers(redis: Redis): Promise<void> {
  const cache = new AnswerCache({ redis });
  const answers = Array.from({ length: ENTITIES }, (_, entity) => entity).map(async (entity) => {
    const [artist, title] = [artistOf(entity), titleOf(entity)];
    const answer = answerTo(entity);
    const digest = answerDigest(tracks.matcherVersion, tracks.query({ artist, title }));
    await cache.set({ provider: PROVIDER, digest }, answer);
    await redis.set(bareKey(artist, title), JSON.stringify(answer), 'EX', 86_400);
  });
  await Promise.all(answers);
}

function answerTo(entity: number): Answer {
  const [artist, title] = [artistOf(entity), titleOf(entity)];
  const id = `7bEnChTrAcK${String(entity).padStart(11, '0')}`;
  const album = `The Album of ${entity % 301}`;
  return {
    provider: PROVIDER,
    kind: 'hit',
    fetchedAt: Date.now(),
    expiresAt: Date.now() + DAY_MS,
    requests: 1,
    id,
    fields: {
      title,
      artist,
      artists: [{ name: artist, id: `7bEnChArTiSt${String(entity % 97).padStart(10, '0')}`, role: 'main' }],
      album,
      album_type: 'album',
      release_date: '2009-10-06',
      duration_ms: 180_000 + entity * 7,
      isrcs: [`QZBNC09${String(entity).padStart(5, '0')}`],
      explicit: false,
      track_number: 1 + (entity % 12),
      disc_number: 1,
      artwork_url: `https://images.example/640/${id}.jpg`,
      spotify_id: id,
      spotify_album_id: `7bEnChAlBuM${String(entity % 301).padStart(11, '0')}`,
      spotify_url: `https://open.spotify.com/track/${id}`,
      spotify_popularity: entity % 100,
    },
    match: {
      score: 0.98,
      matcherVersion: tracks.matcherVersion,
      rung: 'filters',
      fields: [
        { field: 'title', distance: 0, weight: 3 },
        { field: 'artist', distance: 0.02, weight: 3 },
      ],
      runnerUp: {
        id: `7bEnChOtHeR${String(entity).padStart(11, '0')}`,
        title: `${title} (Live)`,
        score: 0.71,
      },
    },
  };
}
