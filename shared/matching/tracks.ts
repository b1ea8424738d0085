import type { FieldDistance, Judgement, Scored } from '../task/answer.ts';
import { artistDistance } from './artists.ts';
import type { TrackCandidate, TrackQuery } from './candidate.ts';
import { decide, round, weightedMean } from './decide.ts';
import { lengthDistance, OTHER_LENGTH_MS, textDistance } from './distances.ts';
import {
  compareEditions,
  compareVersions,
  isSameAlbum,
  isSameRecording,
  sharesIsrc,
  type Recording,
} from './recordings.ts';
import { areInOtherScripts } from './scripts.ts';
import { agreeInNumbers, titleDistance, withoutArtist } from './titles.ts';
import { parseTitle, type ParsedTitle } from './versions.ts';

/** Above these a candidate is never the one, whatever else agrees. */
const TITLE_VETO = 0.3;
const ARTIST_VETO = 0.5;
/** The code says that it is the one; the rest may be spelt as it likes. */
const SAME_ISRC_FACTOR = 0.1;
/**
 * Both have codes and share none: recordings often have several, so this is no veto. The same for a candidate without
 * a code beside one that has the asked code.
 */
const OTHER_ISRC = 0.05;
/** Candidates name one album out of many, so another album says little. */
const OTHER_ALBUM = 0.5;

/**
 * Whether one of the candidates is the track that was asked for. A mismatch of versions (live, remix, karaoke, …),
 * numbers or length is a veto; the rest is a weighted distance over the fields that both sides know. Editions of one
 * recording (remasters, compilations, explicit and clean) are one group, out of which the one with the asked ISRC or
 * album, else the official, earliest album release is taken. The order of candidates is of no account.
 */
export function judgeTrack(
  query: TrackQuery,
  candidates: readonly TrackCandidate[],
): Judgement<TrackCandidate> {
  const asked = parseTitle(withoutArtist(query.title, query.artist));
  const titles = new Map(candidates.map((candidate) => [candidate, parseTitle(candidate.title)]));
  const recording = (candidate: TrackCandidate): Recording => ({
    candidate,
    title: titles.get(candidate) ?? parseTitle(candidate.title),
  });
  const isFound = candidates.some((candidate) => sharesIsrc(query, candidate));
  return decide(
    candidates.map((candidate) => score({ query, title: asked, isIsrcFound: isFound }, recording(candidate))),
    {
      isSame: (a, b) => isSameRecording(recording(a), recording(b)),
      compare: (a, b) => askedFor(query, b) - askedFor(query, a) || compareEditions(a, b),
    },
  );
}

const askedFor = (query: TrackQuery, candidate: TrackCandidate): number =>
  (sharesIsrc(query, candidate) ? 2 : 0) + (isSameAlbum(query.album, candidate.album) ? 1 : 0);

interface Asked {
  readonly query: TrackQuery;
  readonly title: ParsedTitle;
  /** One of the candidates has the code that was asked for. */
  readonly isIsrcFound: boolean;
}

function score(asked: Asked, recording: Recording): Scored<TrackCandidate> {
  const { query } = asked;
  const { candidate, title } = recording;
  const fields = compareFields(query, asked.title, recording);
  const isrc = compareIsrc(asked, candidate);
  const versions = compareVersions(query, asked.title, candidate, title);
  const mean = weightedMean(fields) * (isrc === 'same' ? SAME_ISRC_FACTOR : 1);
  const distance = round(Math.min(1, mean + (isrc === 'other' ? OTHER_ISRC : 0) + versions.penalty));
  const vetoes = [
    ...fields.flatMap((field) => (isVetoed(field, query, candidate) ? [field.field] : [])),
    ...(agreeInNumbers(asked.title, title) ? [] : ['numbers']),
    ...versions.vetoes,
  ];
  // Weight 0: the code acts on the mean as a whole.
  if (isrc !== 'unknown') fields.push({ field: 'isrc', distance: isrc === 'same' ? 0 : 1, weight: 0 });
  const shown = fields.map((field) => ({ ...field, distance: round(field.distance) }));
  return { candidate, distance, score: round(1 - distance), fields: shown, vetoes };
}

function compareFields(query: TrackQuery, asked: ParsedTitle, recording: Recording): FieldDistance[] {
  const { candidate, title } = recording;
  const fields: FieldDistance[] = [
    { field: 'title', distance: titleDistance(asked, title), weight: 3 },
    { field: 'artist', distance: artistDistance(query.artist, candidate), weight: 2 },
  ];
  if (query.durationMs !== undefined && candidate.durationMs !== undefined) {
    const distance = lengthDistance(query.durationMs, candidate.durationMs);
    fields.push({ field: 'duration_ms', distance, weight: 2 });
  }
  if (query.album !== undefined && candidate.album !== undefined) {
    const apart = textDistance(parseTitle(query.album).full, parseTitle(candidate.album).full);
    fields.push({ field: 'album', distance: OTHER_ALBUM * apart, weight: 1 });
  }
  return fields;
}

function compareIsrc({ query, isIsrcFound }: Asked, candidate: TrackCandidate): 'same' | 'other' | 'unknown' {
  if (sharesIsrc(query, candidate)) return 'same';
  const isKnown = query.isrc !== undefined && candidate.isrcs.length > 0;
  return isKnown || isIsrcFound ? 'other' : 'unknown';
}

/** The code outweighs a length that is noted wrongly and a name in another script, but never the title. */
function isVetoed(field: FieldDistance, query: TrackQuery, candidate: TrackCandidate): boolean {
  const identified = sharesIsrc(query, candidate);
  switch (field.field) {
    case 'title':
      return field.distance > TITLE_VETO;
    case 'artist':
      return (
        field.distance > ARTIST_VETO && !(identified && areInOtherScripts(query.artist, candidate.artist))
      );
    case 'duration_ms':
      return !identified && Math.abs((query.durationMs ?? 0) - (candidate.durationMs ?? 0)) > OTHER_LENGTH_MS;
    default:
      return false;
  }
}
