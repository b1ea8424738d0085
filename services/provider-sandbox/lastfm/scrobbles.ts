import { folded, isOneTypoAway, TextIndex, words } from '../catalogue/text-index.ts';
import { listenersOf } from '../catalogue/track.ts';
import type { Track } from '../catalogue/track.ts';
import { between, fraction } from '../random.ts';
import { filedArtist } from './wire.ts';
import type { Scrobbled } from './wire.ts';

const pairKey = (artist: string, title: string): string => `${folded(artist)}|${folded(title)}`;

/** What comes after the title proper: "- 2011 Remaster", "(feat. Dido)", "[Live]". */
const SUFFIX = /\s*(?:[([].*[)\]]|\s-\s.*|\b(?:feat|ft)\..*)\s*$/i;

/** All pairs of artist and title that were ever scrobbled: the catalogue, and whatever somebody's player once sent. */
export class Scrobbles {
  readonly #byPair = new Map<string, Track>();
  readonly #pairs: readonly Track[];
  readonly #index = new TextIndex();
  readonly #byTitle = new Map<string, Track[]>();
  readonly #byArtist = new Map<string, Track[]>();

  constructor(tracks: readonly Track[]) {
    for (const track of tracks) {
      const key = pairKey(filedArtist(track), track.title);
      if (!this.#byPair.has(key)) this.#byPair.set(key, track);
      push(this.#byTitle, folded(track.title), track);
      push(this.#byArtist, folded(filedArtist(track)), track);
    }
    this.#pairs = [...this.#byPair.values()];
    this.#pairs.forEach((track, at) => {
      this.#index.add(at, `${track.title} ${filedArtist(track)}`);
    });
  }

  exact(artist: string, title: string): Track | undefined {
    return this.#byPair.get(pairKey(artist, title));
  }

  /** The canonical spelling of a pair with a typing error in one of its words. */
  corrected(artist: string, title: string): Track | undefined {
    const near = (a: string, b: string): boolean => a === b || isOneTypoAway(a, b);
    const byTitle = (this.#byTitle.get(folded(title)) ?? []).find((track) =>
      near(folded(artist), folded(filedArtist(track))),
    );
    return (
      byTitle ??
      (this.#byArtist.get(folded(artist)) ?? []).find((track) => near(folded(title), folded(track.title)))
    );
  }

  /**
   * Any pair is known to somebody. One that is a spelling of a known track has some listeners, an invented one a handful;
   * three in ten invented ones were never scrobbled, and are the only ones that are not found.
   */
  ghost(artist: string, title: string): Scrobbled | undefined {
    const key = pairKey(artist, title);
    const plain = title.replace(SUFFIX, '');
    const related = plain === title ? undefined : this.exact(artist, plain);
    if (related !== undefined)
      return { artist, title, listeners: 10 + Math.min(30, Math.round(listenersOf(related) / 3_000)) };
    if (fraction(`scrobbled:${key}`) < 0.3) return undefined;
    return { artist, title, listeners: between(`listeners:${key}`, 1, 12) };
  }

  /** Every word of the title, and of the artist when given. By listeners, which is also how the service ranks. */
  search(title: string, artist: string | undefined): Track[] {
    const asked = words(`${title} ${artist ?? ''}`);
    return this.#index
      .find(asked, { least: 1 })
      .flatMap(({ document }) => this.#pairs[document] ?? [])
      .sort((a, b) => listenersOf(b) - listenersOf(a));
  }
}

function push(map: Map<string, Track[]>, key: string, track: Track): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [track]);
  else list.push(track);
}
