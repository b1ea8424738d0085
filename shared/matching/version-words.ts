import { lettersDistance } from './distances.ts';
import { normalise } from './normalise.ts';

/** What makes another recording of the same song. `edit` and `extended` are told by the length where it is known. */
export type Version =
  | 'live'
  | 'remix'
  | 'acoustic'
  | 'instrumental'
  | 'vocal'
  | 'karaoke'
  | 'cover'
  | 'demo'
  | 'take'
  | 'reprise'
  | 'tempo'
  | 'parody'
  | 'spoken'
  | 'rerecorded'
  | 'language'
  | 'other'
  | 'edit'
  | 'extended';

const LANGUAGES =
  'english|spanish|french|german|italian|portuguese|japanese|korean|chinese|mandarin|russian|swedish|arabic|hebrew|hindi|dutch|polish|turkish|greek|espanol|castellano|francais|deutsch|italiano|portugues';

const LANGUAGE = new RegExp(`\\b(?:${LANGUAGES})\\b`);

/** Read on normalised text. Several may apply: "(Live Acoustic)". */
const PATTERNS: readonly (readonly [Version, RegExp])[] = [
  [
    'live',
    /^live$|^live (?!and |your |my |it |life|forever|for |to |or |while)|\blive$|\blive (?:at|in|from|on|version|recording|performance|session|acoustic|take|edit|\d{4})\b|\bunplugged\b|\bin concert\b|\bsessions?\b/,
  ],
  [
    'remix',
    /\b(?:remix(?:ed)?|rmx|rework(?:ed)?|refix|bootleg|flip|mash ?up|dub|vip mix|megamix)\b|(?<!\b(?:mono|stereo|original|album|single|studio|extended|12|inch|\d{4}|long|main)) mix$/,
  ],
  ['acoustic', /\b(?:acoustic|stripped)\b/],
  ['instrumental', /\b(?:instrumental|orchestral|symphonic|string quartet|piano (?:version|solo))\b/],
  ['vocal', /\b(?:a ?cappella|acapella|vocals? only)\b/],
  [
    'karaoke',
    /\b(?:karaoke|in the style of|made (?:famous|popular) by|originally performed|backing track|sing ?along)\b/,
  ],
  ['cover', /\b(?:cover(?:ed)?(?: version)?|tribute)\b/],
  ['demo', /\bdemos?\b/],
  ['take', /\b(?:takes?|outtakes?|alternat(?:e|ive)|rehearsal|rough mix|early (?:mix|version))\b/],
  ['reprise', /\breprise\b/],
  ['tempo', /\b(?:sped up|slowed|nightcore|8d|reverb)\b/],
  ['parody', /\bparody\b/],
  ['spoken', /\b(?:commentary|interview|spoken word|audiobook|skit)\b/],
  ['rerecorded', /\bre ?record(?:ed|ing)\b|\p{L}s version$/u],
  ['language', new RegExp(`\\b(?:${LANGUAGES})(?: version| language)?$|^(?:version )(?:${LANGUAGES})$`)],
  ['extended', /\b(?:extended|12 (?:inch )?(?:mix|version)|long version|(?:maxi|club) version)\b/],
  ['edit', /\b(?:edit|edited|short version|shortened)\b/],
];

/** Words that name no other recording; a part made of nothing else, with a head word among them, is left out. */
const HARMLESS = new Set(
  'remaster remastered remastering digital digitally mono stereo album single version explicit clean dirty censored uncensored bonus track deluxe edition expanded anniversary original mix lp ep official video audio music lyric lyrics visualizer visualiser hd hq 4k mv recording main full complete soundtrack ost studio super special radio cd vinyl new the and in by at abbey road hi res'.split(
    ' ',
  ),
);
const HARMLESS_HEAD =
  /\b(?:remaster(?:ed|ing)?|mono|stereo|version|explicit|clean|uncensored|censored|bonus|deluxe|edition|original|official|video|audio|lyrics?|mix|hd|hq|4k|mv|ost|soundtrack|single|album|recording)\b/;
const GUESTS = /^(?:feat|ft|featuring|with|prod by|produced by)\b/;
const NAMED_VERSION = /^(?<name>.+) version$/;

/** What a bracket, a suffix or a comment says about the version. */
export interface VersionMark {
  /** False: the words mean nothing to us and belong to the name. */
  readonly known: boolean;
  /** Version → what is said about it besides ("live at wembley" → "wembley"); empty when nothing is. */
  readonly versions: ReadonlyMap<Version, string>;
}

/** Reads one part of a title. A part of guests ("feat. Rihanna") is known and says nothing. */
export function readMark(part: string): VersionMark {
  const words = normalise(part);
  const mark = readWords(words);
  return mark.known ? mark : readWords(mended(words));
}

function readWords(words: string): VersionMark {
  const versions = new Map<Version, string>();
  if (GUESTS.test(words)) return { known: true, versions };
  for (const [version, pattern] of PATTERNS) {
    if (pattern.test(words)) versions.set(version, detailOf(words, pattern));
  }
  if (versions.size > 0) return { known: true, versions };
  if (isHarmless(words) || words.startsWith('from ')) return { known: true, versions };
  const name = NAMED_VERSION.exec(words)?.groups?.['name'];
  if (name !== undefined) versions.set('other', name);
  return { known: versions.size > 0, versions };
}

const MENDABLE =
  'live remix acoustic instrumental karaoke demo cover tribute take reprise extended acapella edit version remastered remaster explicit unplugged'.split(
    ' ',
  );

/**
 * A misspelt mark would otherwise pass for a part of the name that one side left out, and "(lvie)" for the studio
 * recording. Short words are mended only where two letters are swapped: "(Love)" is no "(Live)".
 */
function mended(words: string): string {
  return words
    .split(' ')
    .map((word) => MENDABLE.find((mark) => isMisspelt(word, mark)) ?? word)
    .join(' ');
}

function isMisspelt(word: string, mark: string): boolean {
  const edits = lettersDistance(word, mark) * Math.max(word.length, mark.length);
  if (edits < 0.5 || edits > 1.5) return edits < 0.5;
  const letters = (text: string): string => text.split('').sort().join('');
  return mark.length > 6 || letters(word) === letters(mark);
}

function isHarmless(words: string): boolean {
  if (/^(?:19|20)\d\d$/.test(words)) return true;
  return (
    HARMLESS_HEAD.test(words) &&
    words.split(' ').every((word) => HARMLESS.has(word) || /^\d+(?:st|nd|rd|th)?$/.test(word))
  );
}

const FILLERS = new Set(
  'at in from on version mix the of by and official remaster remastered recorded edit radio'.split(' '),
);

/** The words besides the mark itself; a language is its own detail. */
function detailOf(words: string, pattern: RegExp): string {
  const languages = LANGUAGE.exec(words)?.[0];
  if (languages !== undefined) return languages;
  return words
    .replace(pattern, ' ')
    .split(' ')
    .filter((word) => word !== '' && !FILLERS.has(word))
    .join(' ');
}
