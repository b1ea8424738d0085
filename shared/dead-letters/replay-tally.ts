import { z } from 'zod';
import type { ReplayEnd, ReplayProgress } from './replay.ts';
import { settledOf } from './replay-watch.ts';

/** How far a replay is, over all its pipelines and all the processes that had it. */
export const replayTallySchema = z.object({
  matching: z.int().default(0).describe('Letters that matched when it was asked for.'),
  replayed: z.int().default(0),
  refused: z.int().default(0).describe('Not replayed, since they had been three times.'),
  already_enriched: z
    .int()
    .default(0)
    .describe('Dropped, since their entity has been enriched in another way.'),
  enriched: z.int().default(0),
  settled_otherwise: z.int().default(0),
  back: z.int().default(0).describe('Dead again.'),
  back_with_same_error: z.int().default(0),
  unknown: z.int().default(0).describe('Without an outcome yet.'),
  stopped: z.enum(['failing', 'silent']).nullable().default(null),
  waits_for: z.string().nullable().default(null).describe('Another sweep that is at work on the same queue.'),
  pipelines_done: z.array(z.string()).default([]),
});
export type ReplayTally = z.output<typeof replayTallySchema>;

/** With what one pipeline has come to so far on top. */
export function withProgress(
  tally: ReplayTally,
  { sent, outcome }: Pick<ReplayProgress, 'sent' | 'outcome'>,
): ReplayTally {
  return {
    ...tally,
    replayed: tally.replayed + sent,
    enriched: tally.enriched + outcome.enriched,
    settled_otherwise: tally.settled_otherwise + outcome.settledOtherwise,
    back: tally.back + outcome.back,
    back_with_same_error: tally.back_with_same_error + outcome.backWithSameError,
    unknown: tally.unknown + Math.max(0, sent - settledOf(outcome)),
    waits_for: null,
  };
}

/** With what one pipeline has come to in the end. */
export function withEnd(tally: ReplayTally, end: ReplayEnd): ReplayTally {
  return {
    ...withProgress(tally, end),
    refused: tally.refused + end.refused,
    already_enriched: tally.already_enriched + end.alreadyEnriched,
    stopped: end.stopped ?? tally.stopped,
    pipelines_done: end.isComplete ? [...tally.pipelines_done, end.pipeline] : tally.pipelines_done,
  };
}
