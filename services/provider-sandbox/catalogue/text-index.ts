/** Letters that Unicode does not take apart, and search engines do. */
const LETTERS: Readonly<Record<string, string>> = {
  ı: 'i',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
};

/** Splits text the way a search engine does: no case, no diacritics, no punctuation; apostrophes join. */
export function words(text: string): string[] {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[ıøłđðþßæœ]/g, (letter) => LETTERS[letter] ?? letter)
    .replace(/['’‘`´]/g, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** Equal for texts that differ in case, diacritics and punctuation alone. */
export const folded = (text: string): string => words(text).join(' ');

export interface Found {
  readonly document: number;
  /** Share of the query's words that the document holds, 0–1. */
  readonly share: number;
}

export interface Matching {
  /** Documents with at least this share of the words are found. */
  readonly least: number;
  /** Which words may stand for longer ones that begin with them. */
  readonly prefixes?: 'none' | 'last' | 'all';
  /** An unknown word may stand for those one typing error away. */
  readonly typos?: boolean;
}

const SHORTEST_PREFIX = 3;
const SHORTEST_TYPO = 4;

/** Which documents hold which words. Built once; a look-up costs what the postings of its rarest words cost. */
export class TextIndex {
  readonly #postings = new Map<string, Set<number>>();
  #vocabulary: string[] | undefined;
  readonly #neighbours = new Map<string, readonly string[]>();

  add(document: number, text: string): void {
    for (const word of words(text)) {
      const postings = this.#postings.get(word);
      if (postings === undefined) this.#postings.set(word, new Set([document]));
      else postings.add(document);
    }
  }

  /** In no particular order: ranking is the business of each service. */
  find(query: readonly string[], { least, prefixes = 'none', typos = false }: Matching): Found[] {
    const asked = [...new Set(query)];
    const last = asked.at(-1);
    if (last === undefined) return [];
    const sets = asked.map((word) =>
      this.#documents(word, prefixes === 'all' || (prefixes === 'last' && word === last), typos),
    );
    if (least === 1) return inAll(sets).map((document) => ({ document, share: 1 }));
    const hits = new Map<number, number>();
    for (const documents of sets) {
      for (const document of documents) hits.set(document, (hits.get(document) ?? 0) + 1);
    }
    const found: Found[] = [];
    for (const [document, count] of hits) {
      const share = count / asked.length;
      if (share >= least) found.push({ document, share });
    }
    return found;
  }

  #documents(word: string, asPrefix: boolean, typos: boolean): ReadonlySet<number> {
    const exact = this.#postings.get(word);
    const variants =
      asPrefix && word.length >= SHORTEST_PREFIX
        ? this.#startingWith(word)
        : typos && exact === undefined && word.length >= SHORTEST_TYPO
          ? this.#near(word)
          : [];
    if (variants.length === 0) return exact ?? new Set();
    return new Set(variants.flatMap((variant) => [...(this.#postings.get(variant) ?? [])]));
  }

  #near(word: string): readonly string[] {
    let near = this.#neighbours.get(word);
    if (near === undefined) {
      near = this.#sorted().filter((known) => isOneTypoAway(word, known));
      // Invented words come without end: what is kept of them is bounded.
      if (this.#neighbours.size > 10_000) this.#neighbours.clear();
      this.#neighbours.set(word, near);
    }
    return near;
  }

  #startingWith(prefix: string): string[] {
    const vocabulary = this.#sorted();
    let low = 0;
    let high = vocabulary.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((vocabulary[middle] ?? '') < prefix) low = middle + 1;
      else high = middle;
    }
    const found: string[] = [];
    for (let at = low; vocabulary[at]?.startsWith(prefix) === true; at += 1) found.push(vocabulary[at] ?? '');
    return found;
  }

  #sorted(): string[] {
    this.#vocabulary ??= [...this.#postings.keys()].sort((a, b) => (a < b ? -1 : 1));
    return this.#vocabulary;
  }
}

function inAll(sets: readonly ReadonlySet<number>[]): number[] {
  const [smallest, ...others] = [...sets].sort((a, b) => a.size - b.size);
  return [...(smallest ?? [])].filter((document) => others.every((set) => set.has(document)));
}

/** One letter added, left out, replaced, or swapped with its neighbour. */
export function isOneTypoAway(a: string, b: string): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const left = a.slice(start, a.length - end);
  const right = b.slice(start, b.length - end);
  if (left.length <= 1 && right.length <= 1) return true;
  return left.length === 2 && left === `${right.charAt(1)}${right.charAt(0)}`;
}
