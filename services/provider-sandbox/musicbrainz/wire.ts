import { creditOf } from '../catalogue/track.ts';
import type { Track } from '../catalogue/track.ts';
import { fraction, pick, uuid } from '../random.ts';
import type { Recording } from './recordings.ts';

type Body = Record<string, unknown>;

const sortName = (name: string): string => name.replace(/^(The) (.+)$/, '$2, $1');

/** The display name is every name followed by its join phrase. */
function creditPartsOf(track: Track, inLookUp: boolean): Body[] {
  const last = track.artists.length - 1;
  return track.artists.map((name, at) => {
    const joined = at === last ? '' : at === track.mainArtists - 1 ? ' feat. ' : ' & ';
    return {
      name,
      ...(joined !== '' || inLookUp ? { joinphrase: joined } : {}),
      artist: {
        id: uuid(`musicbrainz:artist:${name}`),
        name,
        'sort-name': sortName(name),
        ...(inLookUp ? { disambiguation: '' } : {}),
      },
    };
  });
}

const SECONDARY: Readonly<Partial<Record<Track['kind'], string>>> = {
  live: 'Live',
  compilation: 'Compilation',
  remix: 'Remix',
};

const albumOf = (track: Track): string => `${track.artists[0] ?? ''}:${track.album}`;

/** Of the release that this track is on. */
export const releaseIdOf = (track: Track): string =>
  uuid(`musicbrainz:release:${albumOf(track)}:${track.releaseDate}`);

export const releaseGroupIdOf = (track: Track): string => uuid(`musicbrainz:release-group:${albumOf(track)}`);

function releaseOf(track: Track, recording: Recording): Body {
  const secondary = SECONDARY[track.kind];
  const bootleg = track.kind === 'live';
  return {
    id: releaseIdOf(track),
    count: 1,
    title: track.album,
    status: bootleg ? 'Bootleg' : 'Official',
    ...(track.kind === 'compilation' ? { 'artist-credit': [{ name: 'Various Artists' }] } : {}),
    'release-group': {
      id: releaseGroupIdOf(track),
      title: track.album,
      'primary-type': track.albumType === 'single' ? 'Single' : 'Album',
      ...(secondary === undefined ? {} : { 'secondary-types': [secondary] }),
    },
    date: track.releaseDate,
    country: pick(`country:${albumOf(track)}`, ['US', 'GB', 'DE', 'JP', 'XW']),
    'track-count': 12,
    media: [
      {
        position: 1,
        format: Number(track.releaseDate.slice(0, 4)) < 1_985 ? '12" Vinyl' : 'CD',
        track: [
          {
            id: uuid(`musicbrainz:track:${track.key}`),
            number: Number(track.releaseDate.slice(0, 4)) < 1_985 ? 'A1' : '3',
            title: recording.track.baseTitle,
            length: track.durationMs,
          },
        ],
        'track-count': 12,
        'track-offset': 2,
      },
    ],
  };
}

/** One recording in fifteen has no length at all. */
const lengthOf = ({ track }: Recording): { length?: number | null } => {
  const lot = fraction(`length:${track.key}`);
  if (lot < 0.03) return {};
  return { length: lot < 0.07 ? null : track.durationMs };
};

const isrcsOf = ({ releases }: Recording): string[] => [...new Set(releases.map(({ isrc }) => isrc))];

const firstDateOf = ({ releases }: Recording): string =>
  releases.map(({ releaseDate }) => releaseDate).reduce((first, date) => (date < first ? date : first));

const tagsOf = (track: Track): Body[] => [{ count: 4, name: track.genre }];

export function searchHitOf(recording: Recording, score: number): Body {
  const { track } = recording;
  const knowsIsrc = fraction(`isrc-known:${track.key}`) < 0.8;
  return {
    id: recording.id,
    score,
    'artist-credit-id': uuid(`musicbrainz:credit:${creditOf(track)}`),
    title: track.baseTitle,
    ...lengthOf(recording),
    ...(track.disambiguation === '' ? {} : { disambiguation: track.disambiguation }),
    video: null,
    'artist-credit': creditPartsOf(track, false),
    'first-release-date': firstDateOf(recording),
    releases: recording.releases.map((release) => releaseOf(release, recording)),
    ...(knowsIsrc ? { isrcs: isrcsOf(recording) } : {}),
    tags: tagsOf(track),
  };
}

/** The members that every look-up has; those of `inc` come on top. */
export const lookUpOf = (recording: Recording): Body => ({
  id: recording.id,
  title: recording.track.baseTitle,
  length: lengthOf(recording).length ?? null,
  'first-release-date': firstDateOf(recording),
  disambiguation: recording.track.disambiguation,
  video: false,
});

/** What a value of `inc` adds to a look-up. */
export const INCLUDES: Readonly<Record<string, (recording: Recording) => Body>> = {
  'artist-credits': ({ track }) => ({ 'artist-credit': creditPartsOf(track, true) }),
  releases: (recording) => ({ releases: recording.releases.map((release) => releaseOf(release, recording)) }),
  isrcs: (recording) => ({ isrcs: isrcsOf(recording) }),
  genres: ({ track }) => ({
    genres: [
      { id: uuid(`musicbrainz:genre:${track.genre}`), name: track.genre, count: 3, disambiguation: '' },
    ],
  }),
  tags: ({ track }) => ({ tags: tagsOf(track) }),
  ratings: ({ track }) => ({
    rating: track.popularity > 60 ? { value: 4.35, 'votes-count': 12 } : { value: null, 'votes-count': 0 },
  }),
  'url-rels': () => ({ relations: [] }),
  'release-groups': () => ({}),
  media: () => ({}),
  artists: () => ({}),
};
