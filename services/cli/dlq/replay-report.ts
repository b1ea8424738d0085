import type { ReplayEnd } from '../../../shared/dead-letters/replay.ts';
import { settledOf } from '../../../shared/dead-letters/replay-watch.ts';
import { thousands } from '../progress-line.ts';

export interface ReplayFacts {
  readonly ends: readonly ReplayEnd[];
  readonly isWatched: boolean;
  readonly isInterrupted: boolean;
}

/** The one document that `--json` prints. */
export const replayDocument = ({ ends, isInterrupted }: ReplayFacts): object => ({
  interrupted: isInterrupted,
  replays: ends.map((end) => ({
    replay_id: end.replayId,
    pipeline: end.pipeline,
    examined: end.seen,
    replayed: end.sent,
    refused: end.refused,
    already_enriched: end.alreadyEnriched,
    stopped: end.stopped ?? null,
    complete: end.isComplete,
    outcome: {
      enriched: end.outcome.enriched,
      settled_otherwise: end.outcome.settledOtherwise,
      back: end.outcome.back,
      back_with_same_error: end.outcome.backWithSameError,
      unknown: end.sent - settledOf(end.outcome),
    },
  })),
});

const STOPPED = {
  failing:
    'Stopped: more than half of the latest came back. The cause is still there; the others are in the queue.',
  silent:
    'Stopped: nothing has an outcome within the time. Is a worker running, is the provider paused? What was sent is on its way; the others are in the queue.',
} as const;

/** For people: what was done, and what came of it. */
export function replayText({ ends, isWatched, isInterrupted }: ReplayFacts): string {
  const lines = ends
    .filter(({ sent, refused, alreadyEnriched }) => sent + refused + alreadyEnriched > 0)
    .flatMap((end) => [`${end.pipeline}: ${outcomeText(end, isWatched)}`, ...notes(end)]);
  if (lines.length === 0) lines.push('No dead letter matches.');
  if (isInterrupted) lines.push('Interrupted: the same command goes on from here.');
  return lines.join('\n');
}

function outcomeText({ sent, outcome }: ReplayEnd, isWatched: boolean): string {
  if (!isWatched) return `${thousands(sent)} replayed.`;
  const { enriched, settledOtherwise, back, backWithSameError } = outcome;
  const unknown = sent - settledOf(outcome);
  const error =
    backWithSameError === back ? 'the same error' : `an error (${thousands(backWithSameError)} the same)`;
  const parts = [
    `${thousands(enriched)} of ${thousands(sent)} enriched`,
    ...(settledOtherwise > 0 ? [`${thousands(settledOtherwise)} without a match`] : []),
    ...(back > 0 ? [`${thousands(back)} back with ${error}`] : []),
    ...(unknown > 0 ? [`${thousands(unknown)} still on their way`] : []),
  ];
  return `${parts.join(', ')}.`;
}

function notes({ stopped, refused, alreadyEnriched }: ReplayEnd): string[] {
  return [
    ...(stopped === undefined ? [] : [STOPPED[stopped]]),
    ...(alreadyEnriched > 0
      ? [`${thousands(alreadyEnriched)} dropped: enriched since by another task.`]
      : []),
    ...(refused > 0
      ? [`${thousands(refused)} left: they came back three times. --force replays them again.`]
      : []),
  ];
}
