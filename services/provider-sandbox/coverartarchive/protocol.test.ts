import { indexResponse } from '../../../shared/providers/coverartarchive/responses.ts';
import { loadTracks } from '../catalogue/tracks.ts';
import { releaseGroupIdOf, releaseIdOf } from '../musicbrainz/wire.ts';
import type { Reply } from '../protocol.ts';
import { ARCHIVE_PREFIX, CoverArtArchiveProtocol } from './protocol.ts';

const tracks = loadTracks().filter(({ knownTo }) => knownTo.has('musicbrainz'));
const archive = new CoverArtArchiveProtocol(tracks);

const requestOf = (path: string) => ({
  method: 'GET',
  path,
  query: new URLSearchParams(),
  headers: {},
  body: '',
});
const ask = (path: string): Reply => archive.answer(requestOf(path));

/** Every answer on the way to the last. */
function follow(path: string): Reply[] {
  const replies = [ask(path)];
  for (;;) {
    const location = replies.at(-1)?.headers?.['location'];
    if (location === undefined) return replies;
    replies.push(archive.answerBehind(requestOf(location.slice(ARCHIVE_PREFIX.length))));
  }
}
const statuses = (path: string): number[] => follow(path).map(({ status }) => status);

test('a list of pictures is two redirects away, and the adapter can read each of them', () => {
  const lists = tracks
    .map((track) => follow(`/release/${releaseIdOf(track)}`))
    .filter(({ length }) => length > 1);
  expect(new Set(lists.map((replies) => replies.map(({ status }) => status).join()))).toEqual(
    new Set(['307,302,200']),
  );
  for (const replies of lists) expect(indexResponse.safeParse(replies.at(-1)?.body).error).toBeUndefined();
  // Seven of ten releases have one.
  expect(lists.length / tracks.length).toBeGreaterThan(0.6);
  expect(lists.length / tracks.length).toBeLessThan(0.8);
});

test('lists are new and old, with and without a front cover', () => {
  const bodies = tracks.map((track) => JSON.stringify(follow(`/release/${releaseIdOf(track)}`).at(-1)?.body));
  const having = (text: string): string[] => bodies.filter((body) => body.includes(text));
  expect(having('"image":"http://').length).toBeGreaterThan(10);
  expect(having('"1200":"https://').length).toBeGreaterThan(10);
  expect(having('"Back"').filter((body) => !body.includes('"Front"')).length).toBeGreaterThan(1);
});

test('a release without pictures may be of a group that has some', () => {
  const bare = tracks.filter((track) => ask(`/release/${releaseIdOf(track)}`).status === 404);
  const groups = new Set(bare.map((track) => statuses(`/release-group/${releaseGroupIdOf(track)}`).join()));
  expect(groups).toEqual(new Set(['404', '307,302,200']));
});

test('refusals are pages for people', () => {
  expect(ask('/release/00000000-0000-0000-0000-000000000000')).toMatchObject({
    status: 404,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: expect.stringContaining('No cover art found for release 0000') as string,
  });
  expect(ask('/release/nothing').status).toBe(400);
  expect(archive.refuse({ kind: 'shed' })).toMatchObject({
    status: 503,
    body: expect.stringContaining('<h1>') as string,
  });
});
