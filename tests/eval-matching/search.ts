/** A search service in small: the ten entries that share the rarest letter groups with the query, right or not. */
const FOUND = 10;
/** Enough to fill the ten when some are hidden. */
const RANKED = 30;

/** Folded just enough to compare, on purpose without the code under test. */
export const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

export class Search<T> {
  readonly #entries: readonly { readonly item: T; readonly groups: ReadonlySet<string> }[];
  /** Most degradations of one record come to the same text. */
  readonly #ranked = new Map<string, readonly T[]>();
  readonly #byGroup = new Map<string, number[]>();

  constructor(items: readonly T[], text: (item: T) => string) {
    this.#entries = items.map((item) => ({ item, groups: groupsOf(text(item)) }));
    for (const [index, { groups }] of this.#entries.entries()) {
      for (const group of groups) {
        const holders = this.#byGroup.get(group);
        if (holders) holders.push(index);
        else this.#byGroup.set(group, [index]);
      }
    }
  }

  /** Best first; entries for which `isHidden` holds count as not being in the catalogue. */
  find(text: string, isHidden: (item: T) => boolean = () => false): readonly T[] {
    const key = plain(text);
    const ranked = this.#ranked.get(key) ?? this.#rank(key);
    this.#ranked.set(key, ranked);
    return ranked.filter((item) => !isHidden(item)).slice(0, FOUND);
  }

  #rank(text: string): readonly T[] {
    const points = new Map<number, number>();
    for (const group of groupsOf(text)) {
      const holders = this.#byGroup.get(group) ?? [];
      const rarity = Math.log(1 + this.#entries.length / (1 + holders.length));
      for (const index of holders) points.set(index, (points.get(index) ?? 0) + rarity);
    }
    return [...points]
      .map(([index, sum]) => ({ index, rank: sum / Math.sqrt(this.#entries[index]?.groups.size ?? 1) }))
      .sort((a, b) => b.rank - a.rank)
      .slice(0, RANKED)
      .flatMap(({ index }) => this.#entries[index]?.item ?? []);
  }
}

/** Words, and groups of three letters: services find misspelt words too. */
function groupsOf(text: string): ReadonlySet<string> {
  const words = plain(text).split(' ');
  const groups = words.flatMap((word) =>
    Array.from({ length: Math.max(1, word.length) }, (_, at) => `_${word}_`.slice(at, at + 3)),
  );
  return new Set([...words, ...groups]);
}
