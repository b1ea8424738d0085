import type { Pipeline } from '../pipelines/pipeline.ts';
import type { Move } from '../rabbitmq/sweep-options.ts';
import { laneQueue } from '../rabbitmq/topology.ts';
import { TRACE_LINK } from '../observability/trace-context.ts';
import type { DeadLetter } from '../task/dead-letter.ts';
import { MessageError } from '../task/message-error.ts';
import { encodeTask, parseMessage } from '../task/message.ts';
import { NEW_STATE, type Task } from '../task/task.ts';

/** From so many replays on a letter is refused: what came back three times comes back a fourth time. */
export const MAX_REPLAYS = 3;

/**
 * The letter on its way to the entry stage of its pipeline, in the lane that it came from, under its old task id.
 *
 * The task begins anew: attempts, failures, skips, carried answers and the timeline are dropped, so every provider of
 * its chain is open again. The answer cache still counts (it holds no failures, and its answers are as good as on the
 * day of the death), unless `notBefore` says otherwise. What cannot be read goes as it is: a later release may read it.
 */
export function replayMove(pipeline: Pipeline, letter: DeadLetter, notBefore?: number): Move {
  const task = taskOf(pipeline, letter);
  const body =
    task === undefined
      ? letter.body
      : encodeTask({ ...renewed(task, letter), ...(notBefore === undefined ? {} : { notBefore }) });
  return {
    to: 'queue',
    destination: {
      queue: laneQueue(pipeline.prefix, letter.lane),
      lane: letter.lane,
      body,
      messageId: letter.messageId ?? letter.id,
      priority: task?.priority ?? letter.priority,
      headers: {
        ...renewedTrace(letter.headers),
        'x-replay-count': letter.replays + 1,
        'x-first-error': letter.firstError,
        'x-first-error-at': new Date(letter.firstErrorAt).toISOString(),
      },
    },
  };
}

/** A replay may come weeks later and begins a trace of its own, linked with the one that ended in the letter. */
function renewedTrace({
  traceparent,
  tracestate: _,
  ...headers
}: DeadLetter['headers']): DeadLetter['headers'] {
  return traceparent === undefined ? headers : { ...headers, [TRACE_LINK]: traceparent };
}

/** The task in the letter; undefined when it holds none. */
function taskOf(pipeline: Pipeline, { body, id, priority }: DeadLetter): Task | undefined {
  const shapeFor = (name: string | undefined): Pipeline | undefined =>
    name === undefined || name === pipeline.name ? pipeline : undefined;
  try {
    return parseMessage(body, shapeFor, { messageId: id, priority });
  } catch (error) {
    if (error instanceof MessageError) return undefined;
    throw error;
  }
}

/** As if it had just been published, but for the memory of having been dead. */
function renewed(task: Task, letter: DeadLetter): Task {
  const { firstError, firstErrorAt, error } = letter;
  return {
    ...task,
    state: {
      ...NEW_STATE,
      timeline: [{ at: Date.now(), event: 'replayed', detail: error.slice(0, 300) }],
      replay: { count: letter.replays + 1, firstError, firstErrorAt },
    },
  };
}
