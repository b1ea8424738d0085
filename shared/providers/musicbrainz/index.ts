import type { TrackCandidate, TrackQuery } from '../../matching/candidate.ts';
import { url } from '../../runtime/environment.ts';
import { defineProvider, type Call, type Provider, type Rung } from '../provider.ts';
import { musicBrainzClient, type MusicBrainzClient } from './client.ts';
import { toCandidates, withDetails, type Asked } from './mapping.ts';
import { baseTitle, mainArtist, phrase, plain, withoutGuests, words } from './search-terms.ts';

const DAY_SECONDS = 86_400;

const settings = {
  url: url('MUSICBRAINZ_URL', {
    doc: 'Base URL of the MusicBrainz web service; a mirror of your own has no rate limit but yours.',
    default: 'https://musicbrainz.org/ws/2',
  }),
};

/** MusicBrainz: identity of recordings. Needs no credentials, and counts requests by IP address. */
export default defineProvider({
  name: 'musicbrainz',
  kind: 'track',
  title: 'MusicBrainz',
  settings,
  sandboxPaths: { url: '/musicbrainz/ws/2' },
  limits: {
    // One a second is the rule; at that spacing exactly, a clock or a network that wavers breaks it.
    rate: '1/1100ms',
    dailyBudget: 0,
    // Answers may take longer than the spacing: with one in flight the rate would not be reached.
    maxInFlight: 2,
    timeoutMs: 20_000,
    attempts: 5,
    hitTtlSeconds: 30 * DAY_SECONDS,
    missTtlSeconds: 7 * DAY_SECONDS,
    maxTtlSeconds: 365 * DAY_SECONDS,
  },
  costPerRequestUsd: 0,
  notice:
    'Music metadata by MusicBrainz (https://musicbrainz.org). Core data (artists, recordings, releases, ISRCs, links) is ' +
    'in the public domain (CC0); genres, tags and ratings are licensed CC BY-NC-SA 3.0. Commercial users are asked to ' +
    'support the MetaBrainz Foundation.',
  open: ({ url: baseUrl }, { userAgent }): Provider<TrackQuery, TrackCandidate> => {
    const client = musicBrainzClient(baseUrl, userAgent);
    return {
      ladder: (query, call) => ladder(client, query, call),
      details: async (candidate, query, call) => {
        const recording = await call(client.recording(candidate.id));
        return recording === null ? candidate : withDetails(candidate, recording, askedOf(query));
      },
    };
  },
});

/** Every rung costs more than a second of everybody's rate: those that would ask the same again are left out. */
function ladder(client: MusicBrainzClient, query: TrackQuery, call: Call): Rung<TrackCandidate>[] {
  const { isrc } = query;
  const asked = askedOf(query);
  const search = (name: string, terms: string): Rung<TrackCandidate> => ({
    name,
    search: async () => toCandidates((await call(client.search(terms))).recordings, asked),
  });
  const title = withoutGuests(query.title);
  const artist = withoutGuests(query.artist);
  const exact = exactTerms(title, artist);
  const base = exactTerms(baseTitle(query.title), mainArtist(query.artist));
  return [
    ...(isrc === undefined || !isIsrc(isrc)
      ? []
      : [
          {
            name: 'isrc',
            search: async () => {
              const { recordings } = await call(client.recordingsByIsrc(isrc));
              return toCandidates(recordings, { ...asked, isrc });
            },
          },
        ]),
    search('exact', exact),
    search('loose', looseTerms(title, artist, query.album)),
    ...(base === exact ? [] : [search('base_title', base)]),
  ];
}

const isIsrc = (code: string): boolean => /^[A-Z]{2}[A-Z0-9]{3}\d{7}$/.test(code);

const askedOf = (query: TrackQuery): Asked => (query.album === undefined ? {} : { album: query.album });

/** The same for every album and duration of a song, so that one answer serves them all. */
const exactTerms = (title: string, artist: string): string =>
  `recording:${phrase(title)} AND artist:${phrase(artist)}`;

/**
 * What has no AND before it only ranks: without it ten bootlegs of a concert can hide the recording that everybody
 * means.
 */
function looseTerms(title: string, artist: string, album: string | undefined): string {
  const wanted = album === undefined || plain(album) === '' ? '' : ` release:${phrase(album)}`;
  return `recording:${words(title)} AND artist:${words(artist)} status:official${wanted}`;
}
