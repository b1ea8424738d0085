import { between, fraction, pick } from '../random.ts';
import { creditOf, isrcOf, MUSIC_SERVICES } from './track.ts';
import type { Track } from './track.ts';

/**
 * What a search finds beside the recording that was meant. All names of people, venues and samplers are invented. Services
 * that do not know the original still know its covers and karaoke tracks: that is when a hasty client goes wrong.
 */

const COVER_BANDS = [
  'The Harbour Lanterns',
  'Velvet Cassette',
  'Northgate Strings',
  'Pilar & the Owls',
  'Acoustic Corner',
  'Bossa Parlour',
] as const;
const NAMESAKES = ['Mono Lagoon', 'Tessa Quill', 'Ironwood Relay', 'Kid Parallax', 'Sundial'] as const;
const KARAOKE_LABELS = ['Sing Along Studio', 'Karaoke Cabinet', 'Backing Track Factory'] as const;
const REMIXERS = ['Polar Circuit', 'DJ Halcyon', 'Nachtfahrt'] as const;
const CITIES = ['Malmö', 'Ghent', 'Porto', 'Leeds', 'Turin', 'Sapporo'] as const;
const SAMPLERS = ['Golden Decades, Vol. 3', 'The Essential Collection', 'Road Trip Anthems'] as const;

type Change = Partial<Track> & Pick<Track, 'kind' | 'title'>;

function variant(original: Track, name: string, change: Change): Track {
  const key = `${original.key}|${name}`;
  const releaseDate = change.releaseDate ?? original.releaseDate;
  return { ...original, key, isrc: isrcOf(key, releaseDate), ...change, releaseDate };
}

const after = (track: Track, name: string, from: number, to: number): string =>
  String(Math.min(2025, Number(track.releaseDate.slice(0, 4)) + between(`${name}:${track.key}`, from, to)));

/** The same sound under another id: as right as the original. */
function sameRecording(track: Track): Track[] {
  const found: Track[] = [];
  if (fraction(`sampler:${track.key}`) < 0.5) {
    found.push(
      variant(track, 'compilation', {
        kind: 'compilation',
        title: track.title,
        album: pick(`sampler-name:${track.key}`, SAMPLERS),
        albumType: 'compilation',
        releaseDate: after(track, 'sampler-year', 4, 30),
        durationMs: track.durationMs + between(`sampler-length:${track.key}`, -400, 400),
        isrc: track.isrc,
        popularity: Math.max(1, track.popularity - between(`sampler-fame:${track.key}`, -3, 30)),
      }),
    );
  }
  if (Number(track.releaseDate) < 1_995 && fraction(`remaster:${track.key}`) < 0.6) {
    const year = between(`remaster-year:${track.key}`, 2_003, 2_021);
    found.push(
      variant(track, 'remaster', {
        kind: 'remaster',
        title: `${track.title} - ${year} Remaster`,
        releaseDate: String(year),
        durationMs: track.durationMs + between(`remaster-length:${track.key}`, -2_000, 2_000),
        popularity: Math.max(1, track.popularity - between(`remaster-fame:${track.key}`, -4, 12)),
      }),
    );
  }
  return found;
}

/** More and better liked ones for what is popular: that is what is bootlegged. */
function liveVersions(track: Track): Track[] {
  const count = track.popularity > 70 ? 3 : track.popularity > 55 ? 2 : 1;
  return Array.from({ length: count }, (_, at) => {
    const year = after(track, `live-year-${at}`, 1, 12);
    const city = pick(`city-${at}:${track.key}`, CITIES);
    const date = `${year}-0${between(`month-${at}:${track.key}`, 3, 9)}-1${between(`day-${at}:${track.key}`, 0, 9)}`;
    return variant(track, `live-${at}`, {
      kind: 'live',
      title: at === 0 ? `${track.title} - Live` : `${track.title} (Live in ${city})`,
      disambiguation: `live, ${date}: Civic Hall, ${city}`,
      album: `${date}: Civic Hall, ${city}`,
      releaseDate: date,
      durationMs: track.durationMs + between(`live-length-${at}:${track.key}`, -6_000, 45_000),
      popularity: Math.max(1, track.popularity - between(`live-fame-${at}:${track.key}`, 5, 40)),
      knownTo: MUSIC_SERVICES,
    });
  });
}

function imitations(track: Track): Track[] {
  const label = pick(`karaoke:${track.key}`, KARAOKE_LABELS);
  const band = pick(`cover:${track.key}`, COVER_BANDS);
  const alone = { mainArtists: 1, albumType: 'album', disambiguation: '', knownTo: MUSIC_SERVICES } as const;
  return [
    variant(track, 'cover', {
      ...alone,
      kind: 'cover',
      title: track.title,
      artists: [band],
      album: 'Songs We Grew Up With',
      releaseDate: after(track, 'cover-year', 3, 35),
      durationMs: track.durationMs + between(`cover-length:${track.key}`, -30_000, 30_000),
      popularity: between(`cover-fame:${track.key}`, 5, 55),
    }),
    variant(track, 'karaoke', {
      ...alone,
      kind: 'karaoke',
      title: `${track.title} (Karaoke Version) [Originally Performed by ${creditOf(track)}]`,
      baseTitle: `${track.title} (karaoke version)`,
      artists: [label],
      album: 'Karaoke Classics',
      releaseDate: after(track, 'karaoke-year', 5, 30),
      durationMs: track.durationMs + between(`karaoke-length:${track.key}`, -3_000, 3_000),
      popularity: between(`karaoke-fame:${track.key}`, 1, 20),
    }),
  ];
}

function others(track: Track): Track[] {
  const found: Track[] = [];
  if (fraction(`namesake:${track.key}`) < 0.7) {
    found.push(
      variant(track, 'namesake', {
        kind: 'namesake',
        title: track.title,
        artists: [pick(`namesake-name:${track.key}`, NAMESAKES)],
        mainArtists: 1,
        album: track.title,
        albumType: 'single',
        releaseDate: String(between(`namesake-year:${track.key}`, 1_988, 2_024)),
        durationMs: between(`namesake-length:${track.key}`, 150_000, 320_000),
        genre: 'pop',
        popularity: between(`namesake-fame:${track.key}`, 10, 88),
        knownTo: MUSIC_SERVICES,
      }),
    );
  }
  if (fraction(`remix:${track.key}`) < 0.6) {
    const remixer = pick(`remixer:${track.key}`, REMIXERS);
    found.push(
      variant(track, 'remix', {
        kind: 'remix',
        title: `${track.title} (${remixer} Remix)`,
        baseTitle: `${track.title} (${remixer} remix)`,
        album: `${track.title} (Remixes)`,
        albumType: 'single',
        releaseDate: after(track, 'remix-year', 0, 15),
        durationMs: track.durationMs + between(`remix-length:${track.key}`, 20_000, 150_000),
        popularity: Math.max(1, track.popularity - between(`remix-fame:${track.key}`, 8, 45)),
        knownTo: MUSIC_SERVICES,
      }),
    );
  }
  return found;
}

export const variantsOf = (track: Track): Track[] => [
  ...sameRecording(track),
  ...liveVersions(track),
  ...imitations(track),
  ...others(track),
];
