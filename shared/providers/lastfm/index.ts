import type { TrackQuery } from '../../matching/candidate.ts';
import { integer, secret, url } from '../../runtime/environment.ts';
import { ProviderError } from '../../task/provider-error.ts';
import { defineProvider, type Call, type Rung } from '../provider.ts';
import { lastfmClient, type LastfmClient, type Pair } from './client.ts';
import { infoCandidate, searchCandidates, withTags, type LastfmCandidate } from './mapping.ts';
import { isSamePair, pairsOf } from './names.ts';

export default defineProvider({
  name: 'lastfm',
  kind: 'track',
  title: 'Last.fm',
  settings: {
    apiKey: secret('LASTFM_API_KEY', { doc: 'API key of a Last.fm API account.' }),
    url: url('LASTFM_URL', {
      doc: 'Base URL of the Last.fm API.',
      default: 'https://ws.audioscrobbler.com/2.0',
    }),
    minListeners: integer('LASTFM_MIN_LISTENERS', {
      doc: 'Listeners that a track needs at Last.fm to count as one that exists: it knows every misspelling that anybody ever played.',
      default: '50',
      min: 1,
      max: 1_000_000,
    }),
    minTagCount: integer('LASTFM_MIN_TAG_COUNT', {
      doc: 'How frequent a tag must be, in percent of the most frequent one. 0 takes the five tags of the track as they are and saves a request for each match.',
      default: '10',
      min: 0,
      max: 100,
    }),
  },
  idField: 'lastfm_url',
  sandboxPaths: { url: '/lastfm/2.0/' },
  limits: {
    // Five a second and address, averaged over five minutes, is the guidance.
    rate: '4/s',
    dailyBudget: 0,
    maxInFlight: 4,
    timeoutMs: 10_000,
    attempts: 4,
    // The terms bound the amount (100 MB), not the age: seven days as in the deployment guide, fourteen at most.
    hitTtlSeconds: 7 * 86_400,
    missTtlSeconds: 86_400,
    maxTtlSeconds: 14 * 86_400,
  },
  costPerRequestUsd: 0,
  notice:
    'Listeners, tags and summaries from Last.fm (lastfm_url links to the page); summaries are user-contributed text under CC BY-SA.',
  open: (settings, tools) => {
    const client = lastfmClient(settings, tools.userAgent);
    const { minListeners, minTagCount } = settings;
    const info = async (query: TrackQuery, pair: Pair, call: Call) =>
      infoCandidate(query, await call(client.info(pair)), minListeners);
    return {
      ladder: (query: TrackQuery, call): readonly Rung<LastfmCandidate>[] => {
        const { song, base, words } = pairsOf(query);
        const infoRung = (name: string, pair: Pair): Rung<LastfmCandidate> => ({
          name,
          search: async () => {
            const candidate = await info(query, pair, call);
            return candidate === undefined ? [] : [candidate];
          },
        });
        return [
          infoRung('info', song),
          ...(isSamePair(song, base) ? [] : [infoRung('info_base_title', base)]),
          {
            name: 'search',
            search: async () => searchCandidates(query, await call(client.search(words)), minListeners),
          },
        ];
      },
      details: async (candidate, query, call) => {
        const pair = { artist: candidate.artist, title: candidate.title };
        const detailed = candidate.detailed ? candidate : ((await info(query, pair, call)) ?? candidate);
        if (minTagCount === 0) return detailed;
        const tags = await topTags(client, pair, call);
        return tags === undefined ? detailed : withTags(detailed, tags, minTagCount);
      },
    };
  },
});

/** Tags are an extra: a service that refuses this one question does not cost the match. Other faults come through. */
async function topTags(client: LastfmClient, pair: Pair, call: Call) {
  try {
    return (await call(client.topTags(pair))).toptags.tag;
  } catch (error) {
    const refused =
      error instanceof ProviderError && ['bad_request', 'forbidden', 'contract'].includes(error.kind);
    if (!refused) throw error;
    return undefined;
  }
}
