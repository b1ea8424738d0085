import type { TrackCandidate, TrackQuery } from '../../matching/candidate.ts';
import { url } from '../../runtime/environment.ts';
import { known } from '../known.ts';
import { defineProvider, type ApiRequest, type Call, type Provider, type Rung } from '../provider.ts';
import { normalIsrc } from '../wire-text.ts';
import { musicBrainzClient, type MusicBrainzClient } from './client.ts';
import { toCandidates, withDetails, type Asked } from './mapping.ts';
import type { RecordingsResponse } from './responses.ts';
import { baseTerms, exactTerms, looseTerms } from './search-terms.ts';

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
  idField: 'musicbrainz_recording_id',
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

/** Every rung costs more than a second of everybody's rate: one that would ask the same again is left out. */
function ladder(client: MusicBrainzClient, query: TrackQuery, call: Call): Rung<TrackCandidate>[] {
  const asked = askedOf(query);
  const rung = (name: string, request: ApiRequest<RecordingsResponse>, isrc?: string) => ({
    name,
    search: async () => toCandidates((await call(request)).recordings, { ...asked, ...known({ isrc }) }),
  });
  const isrc = normalIsrc(query.isrc);
  const exact = exactTerms(query);
  const base = baseTerms(query);
  return [
    ...(isrc === undefined ? [] : [rung('isrc', client.recordingsByIsrc(isrc), isrc)]),
    rung('exact', client.search(exact)),
    rung('loose', client.search(looseTerms(query))),
    ...(base === exact ? [] : [rung('base_title', client.search(base))]),
  ];
}

const askedOf = ({ album }: TrackQuery): Asked => known({ album });
