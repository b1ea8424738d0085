import { lettersDistance } from './distances.ts';
import { compact, fold } from './normalise.ts';
import { readMark, type Version } from './version-words.ts';

export type Versions = ReadonlyMap<Version, string>;

/** A title taken apart into the song's name and what is said about the version. */
export interface ParsedTitle {
  /** Without version marks and guests. */
  readonly full: string;
  /** Also without the brackets and the dash suffix that mean nothing to us; never empty. */
  readonly bare: string;
  readonly versions: Versions;
}

/** Round brackets may hold one pair more: "(Live (2011 Remaster))". */
const BRACKETS = /\(((?:[^()]|\([^()]*\))*)\)|\[([^[\]]*)\]|\{([^{}]*)\}/g;
const SUFFIX = /^(?<name>.*\S)\s+-+\s+(?<part>\S.*)$/;
const TRAILING_GUESTS = /\s(?:feat|ft|featuring)\b\.?\s.+$/i;
const TRAILING_MARK =
  /\s(?:\d{4} (?:digital )?remaster(?:ed)?(?: version)?|(?:digitally )?remastered(?: \d{4}| version)?|radio edit|(?:karaoke|album|live|acoustic|instrumental) version|official (?:music )?(?:video|audio))$/i;

/** Reads brackets, " - " suffixes and unbracketed endings that only ever name a version. */
export function parseTitle(title: string): ParsedTitle {
  const versions = new Map<Version, string>();
  const take = (part: string): boolean => {
    const mark = readMark(part);
    for (const [version, detail] of mark.versions) versions.set(version, detail);
    return mark.known;
  };
  const folded = fold(title);
  const unbracketed = folded.replace(BRACKETS, (whole, round?: string, square?: string, curly?: string) =>
    take(round ?? square ?? curly ?? '') ? ' ' : whole,
  );
  let full = unbracketed.replace(TRAILING_GUESTS, '').trim();
  for (;;) {
    const { name, part } = SUFFIX.exec(full)?.groups ?? {};
    if (name !== undefined && part !== undefined && take(part)) full = name;
    else break;
  }
  const ending = TRAILING_MARK.exec(full)?.[0];
  if (ending !== undefined && take(ending)) full = full.slice(0, -ending.length);
  full = full.trim() || folded;
  return { full, bare: bareOf(full), versions };
}

function bareOf(full: string): string {
  const unbracketed = full.replace(BRACKETS, ' ').replace(/\s+/g, ' ').trim();
  const bare = SUFFIX.exec(unbracketed)?.groups?.['name'] ?? unbracketed;
  return /[\p{L}\p{N}]/u.test(bare) ? bare : full;
}

const LIVE_ALBUM =
  /\blive (?:at|in|from|on)\b|^live\b.{0,3}$|[([ ]live[)\]!]?$|\bunplugged\b|\bin concert\b/i;

/** An album can be called live where its tracks are not. */
export const isLiveAlbum = (album: string | undefined): boolean =>
  album !== undefined && LIVE_ALBUM.test(fold(album));

/** The versions that one has and the other has not, or of which they say different things; empty = the same recording. */
export function versionConflicts(a: Versions, b: Versions): readonly Version[] {
  const all = new Set([...a.keys(), ...b.keys()]);
  return [...all].filter((version) => {
    const left = a.get(version);
    const right = b.get(version);
    if (left === undefined || right === undefined) return true;
    return left !== '' && right !== '' && detailsDiffer(left, right);
  });
}

/** "Wembley" and "Wembley Stadium, London" agree; "Tiësto" and "Deadmau5" do not. */
function detailsDiffer(a: string, b: string): boolean {
  const [fewer, more] = [a.split(' '), b.split(' ')].sort((x, y) => x.length - y.length);
  const shared = (fewer ?? []).filter((word) => more?.includes(word));
  return shared.length * 2 < (fewer?.length ?? 0) && lettersDistance(compact(a), compact(b)) > 0.4;
}
