import type { Pipeline } from '../../shared/pipelines/pipeline.ts';
import type { Delivery } from '../../shared/rabbitmq/delivery.ts';
import { MessageError } from '../../shared/task/message-error.ts';
import { parseMessage, restartMessage } from '../../shared/task/message.ts';
import type { Task } from '../../shared/task/task.ts';

export interface ReadTask {
  readonly task: Task;
  /** Its message was written by a release that this one does not understand: it begins again, at its entry stage. */
  readonly isRestarted: boolean;
}

/** Reads a delivery. Throws MessageError when it can never be a task. */
export function readTask(
  { message }: Pick<Delivery, 'message'>,
  pipelineFor: (name: string | undefined) => Pipeline | undefined,
  version: number,
): ReadTask {
  const { content, properties } = message;
  try {
    return { task: parseMessage(content, pipelineFor, properties, version), isRestarted: false };
  } catch (error) {
    if (!(error instanceof MessageError) || error.fault !== 'unknown_version') throw error;
    return { task: restartMessage(content, pipelineFor, properties), isRestarted: true };
  }
}
