import type { ProviderName } from './provider-names.ts';
import { seededRandom } from './random.ts';
import type { Random } from './random.ts';

interface Quantiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Milliseconds as reported by users of the real services; of Deezer nobody does, so it is taken for as fast as Spotify. */
const REPORTED: Record<ProviderName, Quantiles> = {
  spotify: { p50: 80, p95: 250, p99: 600 },
  musicbrainz: { p50: 300, p95: 5_000, p99: 12_000 },
  coverartarchive: { p50: 900, p95: 4_000, p99: 12_000 },
  deezer: { p50: 80, p95: 250, p99: 600 },
  lastfm: { p50: 150, p95: 800, p99: 3_000 },
  tmdb: { p50: 50, p95: 150, p99: 400 },
};

const between = (low: number, high: number, share: number): number => low * (high / low) ** share;

/** A value whose quantiles are the given ones; the fastest answer takes 0.6 of the median, the slowest the p99. */
function drawFrom({ p50, p95, p99 }: Quantiles, random: Random): number {
  const u = random();
  if (u < 0.5) return between(p50 * 0.6, p50, u / 0.5);
  if (u < 0.95) return between(p50, p95, (u - 0.5) / 0.45);
  return between(p95, p99, Math.min(1, (u - 0.95) / 0.04));
}

/** Draws the latency of each answer. Every provider has its own sequence, whatever the others are asked. */
export class Latency {
  readonly #seed: number;
  readonly #sequences = new Map<ProviderName, Random>();
  factor: number;

  constructor(seed: number, factor: number) {
    this.#seed = seed;
    this.factor = factor;
  }

  drawMs(provider: ProviderName): number {
    let random = this.#sequences.get(provider);
    if (random === undefined) {
      random = seededRandom(this.#seed + provider.length * 7_919 + provider.charCodeAt(0));
      this.#sequences.set(provider, random);
    }
    return drawFrom(REPORTED[provider], random) * this.factor;
  }
}
