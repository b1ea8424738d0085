/**
 * What the contract suite is told about a provider: each folder has a `samples.ts` whose default export is this.
 * Test data only; neither this file nor those of the folders are built or shipped.
 */
import type { ProviderErrorKind } from '../task/provider-error.ts';
import type { Fields } from '../task/task.ts';

export interface SampleReply {
  /** 200 unless told. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text goes out as it is, anything else as JSON. */
  readonly body: unknown;
}

/** One exchange of a script: exactly this request, then this reply. */
export interface SampleExchange {
  /**
   * Method, then path and query exactly as they go over the wire, credentials included:
   * `GET /spotify/v1/search?q=…`. The base URLs of the suite end in the provider's `sandboxPaths`.
   */
  readonly request: string;
  /** Headers that the request must have, by lower-case name. */
  readonly requires?: Readonly<Record<string, string>>;
  readonly reply: SampleReply;
}

export type SampleOutcome =
  | {
      readonly kind: 'hit';
      readonly id: string;
      /** Checked one by one; others may be there. */
      readonly fields?: Fields;
      /** Names of fields that may not be there. */
      readonly absent?: readonly string[];
    }
  | { readonly kind: 'miss' }
  | { readonly kind: 'ambiguous' }
  | {
      readonly kind: 'error';
      readonly error: ProviderErrorKind;
      readonly status?: number;
      /** null = none may be given. */
      readonly retryAfterMs?: number | null;
    };

export interface Sample {
  /** A claim, as a test title: "reads a single tag that is no array". */
  readonly claim: string;
  /** Instead of the query of all samples. */
  readonly query?: unknown;
  /** On top of the environment of all samples. */
  readonly env?: Readonly<Record<string, string>>;
  /** Instead of what is always answered for all samples. */
  readonly always?: readonly SampleExchange[];
  /** In the order in which they must come; none may be left over. */
  readonly exchanges: readonly SampleExchange[];
  /** How many of the exchanges count as requests, where some are for a token. */
  readonly counted?: number;
  readonly outcome: SampleOutcome;
}

export interface ProviderSamples {
  /** Invented credentials and anything else but base URLs. */
  readonly env: Readonly<Record<string, string>>;
  /** Other strings that may never show up in a key, an error or an answer: a token, its encoded forms. */
  readonly secrets?: readonly string[];
  readonly query: unknown;
  /** Answered whenever they come and as often as they come, such as a token request. */
  readonly always?: readonly SampleExchange[];
  readonly hit: Sample;
  readonly miss: Sample;
  /** Absent for a supplement: there is nothing that it could choose between. */
  readonly ambiguous?: Sample;
  /** Every trap of the service that can reach us. */
  readonly oddities: readonly Sample[];
}
