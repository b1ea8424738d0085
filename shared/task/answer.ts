import type { Fields } from './fields.ts';

/** What a provider knows about one thing that it thinks might be ours. */
export interface Candidate {
  /** The provider's own id. */
  readonly id: string;
  readonly title: string;
  /** What it gives, under the canonical field names of the pipeline. */
  readonly fields: Fields;
}

/** One compared field: how far apart (0 equal, 1 nothing in common) and how much it counts. */
export interface FieldDistance {
  readonly field: string;
  readonly distance: number;
  readonly weight: number;
}

/** A candidate held against the query. */
export interface Scored<C extends Candidate = Candidate> {
  readonly candidate: C;
  /** 0 (the same) to 1. */
  readonly distance: number;
  /** 1 − distance: what is stored as match_confidence. */
  readonly score: number;
  readonly fields: readonly FieldDistance[];
  /** Why it can never be accepted, however near it is. Empty for most. */
  readonly vetoes: readonly string[];
}

/** What the matcher says about all candidates of a look-up together. */
export interface Judgement<C extends Candidate = Candidate> {
  readonly verdict: 'accepted' | 'ambiguous' | 'none';
  /** The nearest one without a veto, also when it was not accepted. */
  readonly best?: Scored<C>;
  /** The nearest one that is not equivalent to the best. */
  readonly runnerUp?: Scored<C>;
  /** Every candidate, the nearest first, those with vetoes last: for people who ask why. */
  readonly scored?: readonly Scored<C>[];
}

/** The scored match in an answer: enough to explain the decision later without a new request. */
export interface Match {
  readonly score: number;
  readonly matcherVersion: string;
  readonly fields: readonly FieldDistance[];
  readonly runnerUp?: { readonly id: string; readonly title: string; readonly score: number };
  /** The rung of the query ladder that found it. */
  readonly rung: string;
}

/** What a look-up came to. Cached, and carried in the message. */
export interface Answer {
  readonly provider: string;
  readonly kind: 'hit' | 'miss' | 'ambiguous';
  /** Epoch milliseconds. */
  readonly fetchedAt: number;
  /** Epoch milliseconds: the provider's licence or our TTL says to forget it then. */
  readonly expiresAt: number;
  /** Requests that were made for it; 0 when the response cache had them all. */
  readonly requests: number;
  readonly id?: string;
  readonly fields?: Fields;
  readonly match?: Match;
}
