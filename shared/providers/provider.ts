import type { z } from 'zod';
import type { Candidate } from '../task/answer.ts';
import type { ProviderError } from '../task/provider-error.ts';
import type { Supplement } from '../task/supplement.ts';
import type { Settings, SettingSpecs } from '../runtime/environment.ts';

/** A response that was read whole: at most the size cap, decompressed, decoded as UTF-8. */
/** By name, in any case; several of one name come as one, with commas between them. */
export type ResponseHeaders = Pick<Headers, 'get'>;

export interface ApiResponse {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly text: string;
  /** The parsed body; undefined when it is not JSON, whatever its content type says. */
  readonly json: unknown;
}

/** One HTTP exchange as a provider describes it; making it is the business of `Call`. */
export interface ApiRequest<T> {
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** The request without credentials and in a normal form: names it in caches and logs. */
  readonly key: string;
  /** Shape of the wire. It must accept its own output, since that is what the response cache holds. */
  readonly schema: z.ZodType<T>;
  /** Reads the provider's table of errors: `ok` goes on to the schema, `miss` answers with `empty`. */
  classify(response: ApiResponse): 'ok' | 'miss' | ProviderError;
  readonly empty: T;
  /**
   * Hosts beside its own that the service may redirect to: `archive.org`, or `*.archive.org` for all below it. They are
   * sent `accept` and `user-agent`, and no other header. Absent = none.
   */
  readonly redirectHosts?: readonly string[];
  /** Adds credentials just before sending: header values and query parameters that no cache key, log or error may hold. */
  authorize?(url: URL, signal: AbortSignal): Promise<Record<string, string>>;
  /** After an `auth` error: forgets the token, so that one more try gets a new one. Absent = a refusal is final. */
  reauthorize?(): Promise<void>;
}

/**
 * Makes a request: response cache, then the gate of the provider, then HTTP. Throws ProviderError for faults, and
 * what the gate throws when the request cannot be made now. Never retries, but for one renewal of a token.
 */
export type Call = <T>(request: ApiRequest<T>) => Promise<T>;

/** One step of a query ladder, from the most precise question to the loosest. */
export interface Rung<C extends Candidate> {
  readonly name: string;
  search(): Promise<readonly C[]>;
}

/** A provider that is ready to be asked. Holds no state but its settings and its token. */
export interface Provider<Query = unknown, C extends Candidate = Candidate> {
  /**
   * The steps for this query, in order. The climb stops at the first rung with an accepted candidate. The query is that
   * of the pipeline; for a supplement its own question, and what its first successful rung finds first is taken.
   */
  ladder(query: Query, call: Call): readonly Rung<C>[];
  /** Fetches what the search did not tell about the accepted candidate. Absent = the search tells all. */
  details?(candidate: C, query: Query, call: Call): Promise<C>;
}

/** One token for all workers: fetched once by one of them, kept until a minute before it expires. */
export interface TokenStore {
  get(
    fetchToken: (signal: AbortSignal) => Promise<{ token: string; expiresInSeconds: number }>,
    signal: AbortSignal,
  ): Promise<string>;
  /** Forgets this token, unless somebody has renewed it already. */
  discard(token: string): Promise<void>;
}

export interface ProviderTools {
  readonly tokens: TokenStore;
  /** An exchange outside cache and gate, for tokens only. */
  readonly fetch: (
    url: URL,
    init: { method: string; headers: Record<string, string>; body?: string },
    signal: AbortSignal,
  ) => Promise<ApiResponse>;
  /** `<product>/<version> ( <contact> )`: MusicBrainz refuses anonymous clients. */
  readonly userAgent: string;
}

/** Defaults of a provider; each is a setting, `<NAME>_RATE_LIMIT` and so on. */
export interface ProviderLimits {
  /** Requests per window, as the service counts them: `30/30s`. */
  readonly rate: string;
  /** Requests per day; 0 = no limit. */
  readonly dailyBudget: number;
  readonly maxInFlight: number;
  /** From the slot to the last byte. */
  readonly timeoutMs: number;
  /** Tries of a look-up that ends in a transient fault. */
  readonly attempts: number;
  readonly hitTtlSeconds: number;
  readonly missTtlSeconds: number;
  /** The longest that the licence lets us keep an answer. */
  readonly maxTtlSeconds: number;
}

/** What a provider's folder exports by default. Adding one touches nothing else but the chain that names it. */
export interface ProviderDefinition<
  Specs extends SettingSpecs = SettingSpecs,
  Query = unknown,
  C extends Candidate = Candidate,
> {
  /** Equals the folder's name. */
  readonly name: string;
  readonly kind: 'track' | 'movie';
  /** For people: "Last.fm". */
  readonly title: string;
  /** Its own settings: credentials and base URLs. Those with `secret` are what "has credentials" means. */
  readonly settings: Specs;
  /** The canonical field that holds its id of what it found. Absent for a supplement: its answers go by its base's ids. */
  readonly idField?: string;
  /** It finds nothing itself and adds to what another provider found. */
  readonly supplement?: Supplement<Query>;
  /** Which of its settings are base URLs, and the path under which the sandbox serves each. */
  readonly sandboxPaths: Partial<Record<keyof Specs & string, string>>;
  readonly limits: ProviderLimits;
  /** List price; what a contract says instead is a setting, `<NAME>_COST_PER_REQUEST_USD`. */
  readonly costPerRequestUsd: number;
  /** The attribution that its terms ask for. */
  readonly notice: string;
  open(settings: Settings<Specs>, tools: ProviderTools): Provider<Query, C>;
}

/** Checks the definition's types where it is written, and forgets them for the registry. */
export function defineProvider<Specs extends SettingSpecs, Query, C extends Candidate>(
  definition: ProviderDefinition<Specs, Query, C>,
): ProviderDefinition {
  return definition;
}
