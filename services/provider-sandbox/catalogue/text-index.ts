/** Splits text the way a search engine does: no case, no diacritics, no punctuation; apostrophes join. */
export function words(text: string): string[] {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
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
  /** A word may stand for longer ones that begin with it. */
  readonly prefixes?: boolean;
  /** An unknown word may stand for those one typing error away. */
  readonly typos?: boolean;
}

/** Which documents hold which words. Built once; a look-up costs what the postings of its words cost. */
export class TextIndex {
  readonly #postings = new Map<string, number[]>();
  #vocabulary: string[] | undefined;
  readonly #neighbours = new Map<string, readonly string[]>();

  add(document: number, text: string): void {
    for (const word of words(text)) {
      const postings = this.#postings.get(word);
      if (postings === undefined) this.#postings.set(word, [document]);
      else if (postings.at(-1) !== document) postings.push(document);
    }
  }

  /** In no particular order: ranking is the business of each service. */
  find(query: readonly string[], { least, prefixes = false, typos = false }: Matching): Found[] {
    const asked = [...new Set(query)];
    if (asked.length === 0) return [];
    const hits = new Map<number, number>();
    for (const word of asked) {
      const documents = new Set<number>();
      for (const variant of this.#variants(word, prefixes, typos)) {
        for (const document of this.#postings.get(variant) ?? []) documents.add(document);
      }
      for (const document of documents) hits.set(document, (hits.get(document) ?? 0) + 1);
    }
    const found: Found[] = [];
    for (const [document, count] of hits) {
      const share = count / asked.length;
      if (share >= least) found.push({ document, share });
    }
    return found;
  }

  #variants(word: string, prefixes: boolean, typos: boolean): readonly string[] {
    if (prefixes && word.length >= 3) return this.#startingWith(word);
    if (!typos || word.length < 4 || this.#postings.has(word)) return [word];
    let near = this.#neighbours.get(word);
    if (near === undefined) {
      near = this.#sorted().filter((known) => isOneTypoAway(word, known));
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
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
}
