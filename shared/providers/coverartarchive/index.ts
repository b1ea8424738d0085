import type { Candidate } from '../../task/answer.ts';
import type { Fields } from '../../task/task.ts';
import { url } from '../../runtime/environment.ts';
import { known } from '../known.ts';
import { defineProvider, type Rung } from '../provider.ts';
import { indexRequest, type Resource } from './client.ts';
import { frontCover } from './mapping.ts';

const DAY_SECONDS = 86_400;

/** MusicBrainz's ids of what the cover is wanted of; at least one. */
interface CoverQuestion {
  readonly release?: string;
  readonly releaseGroup?: string;
}

/** Cover Art Archive: the covers of what MusicBrainz found. Needs no credentials. */
export default defineProvider({
  name: 'coverartarchive',
  kind: 'track',
  title: 'Cover Art Archive',
  settings: {
    url: url('COVERARTARCHIVE_URL', {
      doc: 'Base URL of the Cover Art Archive.',
      default: 'https://coverartarchive.org',
    }),
  },
  supplement: { base: 'musicbrainz', question },
  sandboxPaths: { url: '/coverartarchive' },
  limits: {
    // No limit is documented: what a polite client does.
    rate: '4/s',
    dailyBudget: 0,
    // Its machines take seconds: with fewer under way the rate would not be reached.
    maxInFlight: 8,
    timeoutMs: 20_000,
    attempts: 3,
    hitTtlSeconds: 30 * DAY_SECONDS,
    missTtlSeconds: 7 * DAY_SECONDS,
    maxTtlSeconds: 365 * DAY_SECONDS,
  },
  costPerRequestUsd: 0,
  notice:
    'Links to cover art by the Cover Art Archive (https://coverartarchive.org), a project of the Internet Archive and ' +
    'MusicBrainz. The pictures are copyrighted by their owners: addresses are stored, pictures are not.',
  open: (settings, tools) => ({
    ladder: ({ release, releaseGroup }: CoverQuestion, call) => {
      const rung = (resource: Resource, id: string): Rung<Candidate> => ({
        name: resource,
        search: async () => {
          const index = await call(indexRequest(settings.url, tools.userAgent, { resource, id }));
          const cover = frontCover(index, id);
          return cover === undefined ? [] : [cover];
        },
      });
      // The cover of the very release, else that of any edition of the album.
      return [
        ...(release === undefined ? [] : [rung('release', release)]),
        ...(releaseGroup === undefined ? [] : [rung('release-group', releaseGroup)]),
      ];
    },
  }),
});

/** Whether there is a cover only a look-up of the release would tell, at a quarter of the rate that asking for it has here. */
function question(base: Fields): CoverQuestion | undefined {
  const asked = known({
    release: idIn(base, 'musicbrainz_release_id'),
    releaseGroup: idIn(base, 'musicbrainz_release_group_id'),
  });
  return Object.keys(asked).length === 0 ? undefined : asked;
}

function idIn(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' ? value : undefined;
}
