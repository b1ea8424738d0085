/**
 * A recording is on many releases; one of them names the album. The album that was asked for wins, if the recording is
 * on it. Else: official before promotions and bootlegs, albums before singles, nothing secondary (compilation, live,
 * soundtrack, …), then the earliest.
 */
import type { TrackCandidate } from '../../matching/candidate.ts';
import type { Release } from './responses.ts';

/** The release that names the album of a recording; undefined for a recording that is on none. */
export function chooseRelease(releases: readonly Release[], wantedAlbum?: string): Release | undefined {
  return releases.map((release) => ({ release, rank: rankOf(release, wantedAlbum) })).sort(byRank)[0]
    ?.release;
}

/** What kind of release it is, for the matcher; undefined when the answer does not tell. */
export function releaseTypeOf(release: Release): TrackCandidate['releaseType'] {
  const group = release['release-group'];
  const secondary = secondaryTypes(release);
  if (secondary.includes('live')) return 'live';
  if (secondary.includes('compilation')) return 'compilation';
  const primary = group?.['primary-type']?.toLowerCase();
  if (primary === undefined) return undefined;
  if (secondary.length > 0) return 'other';
  return primary === 'album' || primary === 'single' || primary === 'ep' ? primary : 'other';
}

/** For people and storage: the most telling word (`soundtrack` rather than `album`), in lower case. */
export function albumTypeOf(release: Release): string | undefined {
  const type = releaseTypeOf(release);
  if (type !== 'other') return type;
  return secondaryTypes(release)[0] ?? release['release-group']?.['primary-type']?.toLowerCase();
}

/** The release's own title, or that of its group where this is the name that was asked for. */
export function albumTitle(release: Release, wantedAlbum?: string): string {
  const groupTitle = release['release-group']?.title;
  return groupTitle && isNamed(groupTitle, wantedAlbum) ? groupTitle : release.title;
}

const secondaryTypes = (release: Release): string[] =>
  (release['release-group']?.['secondary-types'] ?? []).map((type) => type.toLowerCase());

const fold = (name: string): string => name.normalize('NFKC').toLowerCase().trim();

const isNamed = (title: string | null | undefined, wanted: string | undefined): boolean =>
  wanted !== undefined && typeof title === 'string' && fold(title) === fold(wanted);

/** Compared from left to right, lower first. */
function rankOf(release: Release, wantedAlbum: string | undefined): readonly (number | string)[] {
  const group = release['release-group'];
  const wanted = isNamed(release.title, wantedAlbum) || isNamed(group?.title, wantedAlbum);
  const plain = isNamed(release.title, group?.title ?? undefined);
  return [
    wanted ? 0 : 1,
    release.status === 'Official' ? 0 : 1,
    group?.['primary-type'] === 'Album' ? 0 : 1,
    secondaryTypes(release).length === 0 ? 0 : 1,
    endOfDate(release.date),
    // Editions of one day: the one that carries the group's name is the plain one. The id makes the choice repeatable.
    plain ? 0 : 1,
    release.id,
  ];
}

interface Ranked {
  readonly release: Release;
  readonly rank: readonly (number | string)[];
}

function byRank(a: Ranked, b: Ranked): number {
  for (const [index, left] of a.rank.entries()) {
    const right = b.rank[index];
    if (right !== undefined && left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

/** `2017` may mean its last day: a release that names an earlier day of that year goes first. */
function endOfDate(date: string | null | undefined): string {
  const [year = '', month = '99', day = '99'] = (date ?? '').split('-');
  return /^\d{4}$/.test(year) ? `${year}-${month}-${day}` : '9999';
}
