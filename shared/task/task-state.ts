/**
 * The state that a task carries, read back. Anybody may publish to our queues, so it is checked like all input; one that
 * makes no sense is no reason to lose the task: it starts again from nothing, which costs a look-up.
 */
import { z } from 'zod';
import type { Answer } from './answer.ts';
import type { Fields } from './fields.ts';
import { NEW_STATE, type TaskState } from './task.ts';

/** What is read here was JSON text a moment ago: looking at every value again is a third of reading an answer. */
const fields = z.custom<Fields>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);

const answerSchema = z.object({
  provider: z.string(),
  kind: z.enum(['hit', 'miss', 'ambiguous']),
  fetchedAt: z.number(),
  expiresAt: z.number(),
  requests: z.number().default(0),
  id: z.string().optional(),
  fields: fields.optional(),
  match: z
    .object({
      score: z.number(),
      matcherVersion: z.string(),
      fields: z.array(z.object({ field: z.string(), distance: z.number(), weight: z.number() })),
      runnerUp: z.object({ id: z.string(), title: z.string(), score: z.number() }).optional(),
      rung: z.string(),
    })
    .optional(),
});

const attemptsSchema = z.record(z.string(), z.int().nonnegative());
const replaySchema = z.object({
  count: z.int().nonnegative(),
  firstError: z.string(),
  firstErrorAt: z.number(),
});

const stateSchema = z.object({
  firstAt: z.number().optional(),
  answers: z.record(z.string(), answerSchema).default({}),
  failed: z.record(z.string(), z.string()).default({}),
  skipped: z.record(z.string(), z.string()).default({}),
  attempts: attemptsSchema.default({}),
  timeline: z
    .array(
      z.object({
        at: z.number(),
        event: z.string(),
        provider: z.string().optional(),
        detail: z.string().optional(),
        errorClass: z.string().optional(),
      }),
    )
    .max(50)
    .default([]),
  revalidatedAt: z.number().optional(),
  replay: replaySchema.optional(),
});

export function parseState(value: unknown): TaskState {
  const result = stateSchema.safeParse(value);
  return result.success ? (result.data as TaskState) : NEW_STATE;
}

/**
 * What is kept of a state of another version, each part for itself: what bounds the life of a task. Without the attempts
 * a provider that always fails would be asked for ever.
 */
export function keptState(value: unknown): TaskState {
  const { attempts, replay } = z.looseObject({}).catch({}).parse(value);
  const counted = attemptsSchema.safeParse(attempts);
  const replayed = replaySchema.safeParse(replay);
  return {
    ...NEW_STATE,
    ...(counted.success ? { attempts: counted.data } : {}),
    ...(replayed.success ? { replay: replayed.data } : {}),
  };
}

/** Reads an answer that was cached; undefined when it is not one (another release, a foreign key, damage). */
export function parseAnswer(value: unknown): Answer | undefined {
  const result = answerSchema.safeParse(value);
  return result.success ? (result.data as Answer) : undefined;
}
