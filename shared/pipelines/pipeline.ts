import type { z } from 'zod';
import type { Candidate, Judgement } from '../task/answer.ts';
import type { Fields } from '../task/task.ts';

/** What a provider can look up. */
export type EntityKind = 'track' | 'movie';

/**
 * Everything about one kind of entity. Adding a pipeline is adding a folder and naming it in `registry.ts`.
 * All functions are pure.
 */
export interface Pipeline<Query = unknown, C extends Candidate = Candidate> {
  readonly name: string;
  readonly kind: EntityKind;
  /** Of the queues: `<prefix>_queue`, `<prefix>_backlog`, `<prefix>_dlq`. */
  readonly prefix: string;
  /** Result table. */
  readonly table: 'tracks' | 'movies';
  readonly idField: string;
  /** Reads the entity's own fields of a message; reports every bad field with its path. Keys are the known fields. */
  readonly schema: z.ZodObject;
  /** Fields whose normalised values make the id of a record that has none. */
  readonly identityFields: readonly string[];
  /** Providers in the order in which they are asked; one that adds to another stands anywhere, and is asked after it. */
  readonly chain: readonly string[];
  /** What is sent to providers and held against their candidates; the answer cache is keyed by all of it. */
  query(entity: Fields): Query;
  judge(query: Query, candidates: readonly C[]): Judgement<C>;
  readonly matcherVersion: string;
  /** For people: "Deadmau5 - Strobe". */
  label(entity: Fields): string;
  /** Merge rule: which providers are believed first for a field; others follow in the order of the chain. */
  readonly preferred: Readonly<Record<string, readonly string[]>>;
}
