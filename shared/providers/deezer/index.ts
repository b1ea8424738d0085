import type { TrackQuery } from '../../matching/candidate.ts';
import { url } from '../../runtime/environment.ts';
import { defineProvider, type Call, type Rung } from '../provider.ts';
import { normalIsrc } from '../wire-text.ts';
import { deezerClient, type DeezerClient } from './client.ts';
import { toCandidates, type DeezerCandidate } from './mapping.ts';
import { searchTexts } from './search-texts.ts';

const DAY_SECONDS = 86_400;

/** Deezer: a second witness for codes and durations. Needs no credentials, and counts requests by IP address. */
export default defineProvider({
  name: 'deezer',
  kind: 'track',
  title: 'Deezer',
  settings: {
    url: url('DEEZER_URL', { doc: 'Base URL of the Deezer API.', default: 'https://api.deezer.com' }),
  },
  idField: 'deezer_id',
  sandboxPaths: { url: '/deezer' },
  limits: {
    // The rule is 50 in any five seconds.
    rate: '40/5s',
    dailyBudget: 0,
    maxInFlight: 4,
    timeoutMs: 10_000,
    attempts: 4,
    // The terms state no time, and allow no lasting copy.
    hitTtlSeconds: 7 * DAY_SECONDS,
    missTtlSeconds: DAY_SECONDS,
    maxTtlSeconds: 30 * DAY_SECONDS,
  },
  costPerRequestUsd: 0,
  notice:
    'Metadata and artwork provided by Deezer, for non-commercial use; each track links to its page there (deezer_url).',
  open: (settings, tools) => {
    const client = deezerClient(settings.url, tools.userAgent);
    return {
      ladder: (query: TrackQuery, call) => ladder(client, query, call),
      details: async (candidate, _query, call) => {
        if (candidate.detailed) return candidate;
        const track = await call(client.track(candidate.id));
        return (track === null ? undefined : toCandidates([track], true)[0]) ?? candidate;
      },
    };
  },
});

function ladder(client: DeezerClient, query: TrackQuery, call: Call): readonly Rung<DeezerCandidate>[] {
  const isrc = normalIsrc(query.isrc);
  const byIsrc: Rung<DeezerCandidate>[] =
    isrc === undefined
      ? []
      : [
          {
            name: 'isrc',
            search: async () => {
              const track = await call(client.trackByIsrc(isrc));
              return track === null ? [] : toCandidates([track], true);
            },
          },
        ];
  const bySearch = searchTexts(query).map(({ rung, text }) => ({
    name: rung,
    search: async () => toCandidates((await call(client.search(text))).data, false),
  }));
  return [...byIsrc, ...bySearch];
}
