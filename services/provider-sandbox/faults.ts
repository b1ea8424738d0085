import { z } from 'zod';
import { PROVIDERS } from './provider-names.ts';
import type { ProviderName } from './provider-names.ts';
import { seededRandom } from './random.ts';
import type { Random } from './random.ts';

/** Everything that can be switched on, by where it acts. */
const REFUSALS = ['rate_limited', 'quota_exceeded', 'shed', 'status', 'unauthorized'] as const;
export const DISTORTIONS = ['empty', 'wrong_answer', 'oddities', 'contract', 'duplicates', 'moved'] as const;
export const DELIVERIES = [
  'hang',
  'reset_before_headers',
  'reset_in_body',
  'truncated',
  'html',
  'gzip_error',
  'slow_body',
  'oversize',
] as const;
const TOKEN_FAULTS = ['token_expiry', 'token_unavailable', 'invalid_client'] as const;

export type Distortion = (typeof DISTORTIONS)[number];
export type DeliveryFault = (typeof DELIVERIES)[number];
type TokenFault = (typeof TOKEN_FAULTS)[number];

/** A fault as it is asked for over the control endpoint. */
export const faultSchema = z.strictObject({
  provider: z.enum(PROVIDERS),
  kind: z.enum([...REFUSALS, ...DISTORTIONS, ...DELIVERIES, ...TOKEN_FAULTS, 'latency']),
  /** Of each request that it could hit. */
  probability: z.number().min(0).max(1).default(1),
  /** Ends after so many hits; absent = until it is switched off. */
  count: z.int().min(1).optional(),
  /** Hits only URLs below the provider's prefix that contain it: `/search`, `query=heat`. */
  path: z.string().optional(),
  /** Of `latency` (added) and `slow_body` (until the last byte). */
  ms: z.number().min(0).max(600_000).default(1_000),
  /** Of `status`. */
  status: z.int().min(400).max(599).default(503),
  /** Seconds or an HTTP date; of `rate_limited` and `status`. Absent = no header. */
  retry_after: z.union([z.number(), z.string()]).optional(),
  /** Lifetime of the tokens that `token_expiry` issues. */
  seconds: z.int().min(1).max(3_600).default(2),
  /** Of `oversize`. */
  bytes: z.int().min(1).max(268_435_456).default(16_777_216),
});
export type FaultSpec = z.infer<typeof faultSchema>;

export interface Fault extends FaultSpec {
  readonly id: number;
  hits: number;
}

const isTokenFault = (kind: FaultSpec['kind']): kind is TokenFault =>
  TOKEN_FAULTS.some((one) => one === kind);

/** The faults that are switched on. Draws are seeded: the same requests in the same order meet the same faults. */
export class Faults {
  readonly #seed: number;
  #random: Random;
  #nextId = 1;
  #active: Fault[] = [];

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = seededRandom(seed);
  }

  add(spec: FaultSpec): Fault {
    const fault = { ...spec, id: this.#nextId, hits: 0 };
    this.#nextId += 1;
    this.#active.push(fault);
    return fault;
  }

  /** True when there was such a fault. */
  remove(id: number): boolean {
    const before = this.#active.length;
    this.#active = this.#active.filter((fault) => fault.id !== id);
    return this.#active.length < before;
  }

  clear(): void {
    this.#active = [];
    this.#random = seededRandom(this.#seed);
  }

  list(): readonly Fault[] {
    return this.#active;
  }

  /** The faults that hit this request: every delay, and the first of all others. */
  draw(provider: ProviderName, url: string, ofTokens: boolean): Fault[] {
    const hits: Fault[] = [];
    for (const fault of this.#active) {
      if (fault.provider !== provider || !aimsAt(fault, url, ofTokens)) continue;
      if (fault.kind !== 'latency' && hits.some((one) => one.kind !== 'latency')) continue;
      if (fault.probability < 1 && this.#random() >= fault.probability) continue;
      fault.hits += 1;
      hits.push(fault);
    }
    if (hits.length > 0) {
      this.#active = this.#active.filter(({ count, hits: done }) => count === undefined || done < count);
    }
    return hits;
  }
}

/** Token requests are hit by token faults, and by those whose path names them. */
function aimsAt({ kind, path }: Fault, url: string, ofTokens: boolean): boolean {
  if (path !== undefined && !url.includes(path)) return false;
  return isTokenFault(kind) ? ofTokens : !ofTokens || path !== undefined;
}
