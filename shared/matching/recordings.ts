import type { TrackCandidate, TrackQuery } from './candidate.ts';
import { isSameLength } from './distances.ts';
import { compact, normalise } from './normalise.ts';
import { titleKey } from './numbers.ts';
import { readMark, type Version } from './version-words.ts';
import { isLiveAlbum, versionConflicts, type ParsedTitle, type Versions } from './versions.ts';

/** An edit of unknown length held against the plain song. */
const UNKNOWN_EDIT = 0.1;

/** The versions that a candidate tells of outside its title: in a comment, by its kind of release, by its album. */
function impliedVersions(candidate: TrackCandidate): Versions {
  const versions = new Map(readMark(candidate.disambiguation ?? '').versions);
  // "Nevermind version" in a comment names the album that it is known from, not another recording of it.
  versions.delete('other');
  if (candidate.releaseType === 'live' || isLiveAlbum(candidate.album)) versions.set('live', '');
  return versions;
}

export interface VersionComparison {
  readonly vetoes: readonly string[];
  readonly penalty: number;
}

/**
 * Holds the versions of both sides against each other. What the candidate says outside its title does not count when
 * the album or the ISRC is the one that was asked for: then it is the asked recording, whose title just does not say it.
 */
export function compareVersions(
  query: TrackQuery,
  asked: ParsedTitle,
  candidate: TrackCandidate,
  given: ParsedTitle,
): VersionComparison {
  const implied = impliedVersions(candidate);
  const identified = isSameAlbum(query.album, candidate.album) || sharesIsrc(query, candidate);
  const wanted = new Map(asked.versions);
  if (!identified && isLiveAlbum(query.album) && !wanted.has('live')) wanted.set('live', '');
  const offered = new Map(given.versions);
  for (const [version, detail] of implied) {
    if (!offered.has(version) && (!identified || wanted.has(version)))
      offered.set(version, withoutPlace(version, detail));
  }
  const conflicts = versionConflicts(wanted, offered);
  const lengths = lengthsTell(query.durationMs, candidate.durationMs);
  const real = conflicts.filter((version) => !isSettledByLength(version, lengths));
  const isEditOnly = real.length === 1 && real[0] === 'edit' && lengths === 'nothing';
  const vetoes = isEditOnly ? [] : real.map((version) => `version: ${version}`);
  if (isImitation(candidate) && !isImitation(query)) vetoes.push('version: karaoke');
  return { vetoes: [...new Set(vetoes)], penalty: isEditOnly ? UNKNOWN_EDIT : 0 };
}

/** Comments write the place of a concert in another way than titles do: only that it is live can be compared. */
const withoutPlace = (version: Version, detail: string): string => (version === 'live' ? '' : detail);

function lengthsTell(a: number | undefined, b: number | undefined): 'same' | 'other' | 'nothing' {
  if (a === undefined || b === undefined) return 'nothing';
  return isSameLength(a, b) ? 'same' : 'other';
}

const isSettledByLength = (version: Version, lengths: 'same' | 'other' | 'nothing'): boolean =>
  (version === 'edit' || version === 'extended') && lengths === 'same';

/** Imitators copy title and length; their own name or their album gives them away. */
function isImitation(track: { readonly artist: string; readonly album?: string }): boolean {
  return (
    /\b(?:karaoke|tribute)\b/.test(normalise(track.artist)) ||
    /\bkaraoke\b/.test(normalise(track.album ?? ''))
  );
}

export function sharesIsrc(query: TrackQuery, candidate: TrackCandidate): boolean {
  return query.isrc !== undefined && candidate.isrcs.includes(query.isrc);
}

export const isSameAlbum = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && b !== undefined && titleKey(a) === titleKey(b);

export interface Recording {
  readonly candidate: TrackCandidate;
  readonly title: ParsedTitle;
}

/**
 * Editions of one recording: same main artist, name, versions and (as far as known) length. A shared ISRC alone is
 * not enough: labels use one code for all movements of a work.
 */
export function isSameRecording(a: Recording, b: Recording): boolean {
  if (titleKey(a.title.full) !== titleKey(b.title.full) || !isSameCredit(a.candidate, b.candidate))
    return false;
  if (a.candidate.isrcs.some((isrc) => b.candidate.isrcs.includes(isrc))) return true;
  const versions = ({ candidate, title }: Recording): Versions =>
    new Map([...impliedVersions(candidate), ...title.versions]);
  return (
    isSameLength(a.candidate.durationMs, b.candidate.durationMs) &&
    versionConflicts(versions(a), versions(b)).length === 0
  );
}

function isSameCredit(a: TrackCandidate, b: TrackCandidate): boolean {
  const key = (name: string): string => compact(normalise(name));
  return key(a.artist) === key(b.artist) || key(a.artists[0] ?? a.artist) === key(b.artists[0] ?? b.artist);
}

const KINDS = ['album', 'ep', 'single', undefined, 'other', 'compilation', 'live'] as const;

/** Orders editions of one recording: official, album, earliest, with an ISRC, popular. */
export function compareEditions(a: TrackCandidate, b: TrackCandidate): number {
  const officialRank = (one: TrackCandidate): number =>
    one.official === undefined ? 1 : one.official ? 0 : 2;
  // "2017" may be any day of it: after the full dates of that year.
  const date = (one: TrackCandidate): string => `${one.releaseDate ?? ''}~`;
  return (
    officialRank(a) - officialRank(b) ||
    KINDS.indexOf(a.releaseType) - KINDS.indexOf(b.releaseType) ||
    (date(a) < date(b) ? -1 : date(a) > date(b) ? 1 : 0) ||
    Number(b.isrcs.length > 0) - Number(a.isrcs.length > 0) ||
    (b.popularity ?? 0) - (a.popularity ?? 0)
  );
}
