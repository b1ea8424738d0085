import { textDistance, wordDistance } from './distances.ts';
import { compact, normalise } from './normalise.ts';

/** Guests named by one side only, or another order: the same credit, said differently. */
const OTHER_CREDIT = 0.05;
/** One of several equal partners: the same recording if the length says so, else it may be the solo version. */
const ONE_OF_SEVERAL = 0.4;
/** All words of one name in the other ("Beethoven", "Ludwig van Beethoven"; but also "Prince", "Prince Royce"). */
const LONGER_NAME = 0.45;

const MISSING_WORD = 0.6;

const GUESTS = /\s*[([]?\s*\b(?:feat|ft|featuring)\b\.?\s+|\s+with\s+/i;
const JOINERS = /\s*(?:[,;&+/×・、]|\b(?:and|x|vs|versus|und|et|y|e|con)\b\.?)\s*/i;

/** How far apart two credits are. Takes the nearest of the readings below; bands whose names hold "&" stay whole. */
export function artistDistance(
  query: string,
  candidate: { readonly artist: string; readonly artists: readonly string[] },
): number {
  const whole = nameDistance(query, candidate.artist);
  if (whole === 0) return 0;
  const lead = beforeGuests(query);
  const asked = namesIn(query);
  const given = candidate.artists.length > 1 ? candidate.artists : namesIn(candidate.artist);
  const main = candidate.artists[0] ?? beforeGuests(candidate.artist);
  const readings = [
    whole,
    OTHER_CREDIT + Math.min(nameDistance(lead, main), nameDistance(lead, beforeGuests(candidate.artist))),
    OTHER_CREDIT + unorderedDistance(asked, given),
  ];
  if (given.some((name) => isSame(name, query)) || asked.some((name) => isSame(name, main)))
    readings.push(ONE_OF_SEVERAL);
  if (holdsAllWords(lead, main)) readings.push(LONGER_NAME);
  return Math.min(1, ...readings);
}

/** Chance letters make "Marina Lima" of "Mart'nália"; a misspelt name still has its words. */
function nameDistance(a: string, b: string): number {
  const letters = textDistance(a, b);
  const isOneWord = !normalise(a).includes(' ') && !normalise(b).includes(' ');
  return letters === 0 || isOneWord ? letters : Math.max(letters, MISSING_WORD * wordDistance(a, b));
}

/** The part of a credit before "feat.". */
const beforeGuests = (credit: string): string => credit.split(GUESTS)[0] ?? credit;

/** All names of a credit, guests included. */
const namesIn = (credit: string): readonly string[] =>
  credit
    .split(GUESTS)
    .flatMap((part) => part.split(JOINERS))
    .map((name) => name.replace(/[)\]]$/, '').trim())
    .filter((name) => name !== '');

const isSame = (a: string, b: string): boolean => compact(normalise(a)) === compact(normalise(b));

/** Mean distance of the names paired greedily; a name left over counts half. */
function unorderedDistance(a: readonly string[], b: readonly string[]): number {
  if (a.length < 2 || b.length < 2) return 1;
  const left = [...b];
  let sum = 0;
  for (const name of a) {
    const distances = left.map((other) => nameDistance(name, other));
    const least = Math.min(...distances);
    if (least < 0.5) left.splice(distances.indexOf(least), 1);
    sum += least < 0.5 ? least : 0.5;
  }
  return (sum + 0.5 * Math.max(0, b.length - a.length)) / Math.max(a.length, b.length);
}

function holdsAllWords(a: string, b: string): boolean {
  const [fewer, more] = [normalise(a).split(' '), normalise(b).split(' ')].sort(
    (x, y) => x.length - y.length,
  );
  return (fewer ?? []).every((word) => word.length > 2 && more?.includes(word));
}
