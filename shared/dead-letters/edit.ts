import { createHash } from 'node:crypto';
import { insertAuditEntry } from '../postgres/audit-log.ts';
import { editDeadTask } from '../postgres/jobs/edit-dead-task.ts';
import { saveDeadLetters } from '../postgres/dead-letters.ts';
import type { Pipeline } from '../pipelines/pipeline.ts';
import { laneQueue } from '../rabbitmq/topology.ts';
import type { DeadLetter } from '../task/dead-letter.ts';
import type { Fields, Json } from '../task/fields.ts';
import { editedTaskId, parseJobTaskId } from '../task/job-task-id.ts';
import { mergePatch } from '../task/merge-patch.ts';
import { MessageError } from '../task/message-error.ts';
import { encodeTask, parseMessage } from '../task/message.ts';
import { NEW_STATE, type Task } from '../task/task.ts';
import type { Desk } from './desk.ts';
import { type LetterSweepEnd, sweepLetters, type SweepProgress } from './sweep-letters.ts';

export interface EditEnd extends LetterSweepEnd {
  /** The task that took its place; absent = no such letter is in the queue. */
  readonly taskId?: string;
}

/**
 * What the letter's task becomes with the patch (RFC 7396): new, under an id of its own, and with a note of where it
 * comes from. The same change of the same death has the same id: a command that died in the middle makes no second task
 * when it is given again. Throws MessageError when the letter is no JSON object or the outcome is no task of the pipeline.
 */
export function editedTask(
  pipeline: Pipeline,
  letter: Pick<DeadLetter, 'id' | 'body' | 'priority' | 'diedAt'>,
  patch: Fields,
): Task {
  const patched = mergePatch(parseBody(letter.body), patch);
  const shapeFor = (name: string | undefined): Pipeline | undefined =>
    name === undefined || name === pipeline.name ? pipeline : undefined;
  const task = parseMessage(Buffer.from(JSON.stringify(patched)), shapeFor, { priority: letter.priority });
  return {
    ...task,
    taskId: editedTaskId(letter.id, digestOf([letter.id, letter.diedAt, patch])),
    state: { ...NEW_STATE, timeline: [{ at: Date.now(), event: 'edited', detail: `from ${letter.id}` }] },
  };
}

const digestOf = (facts: Json): string =>
  createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32);

/** The row of a job's task says from now on what is asked for: a retry of the job feeds that, and results are found by it. */
async function editRow({ pool }: Desk, { idField }: Pipeline, task: Task): Promise<void> {
  const key = parseJobTaskId(task.taskId);
  if (key === undefined || key.jobId !== task.jobId) return;
  const { entity, extra } = task;
  const entityId = entity[idField] as string;
  const payload = { entity, ...(Object.keys(extra).length > 0 && { extra }) };
  if (await editDeadTask(pool, key, { entityId, payload })) return;
  throw new MessageError('invalid', `the job has another task of ${idField} '${entityId}'`);
}

function parseBody(body: Buffer): Json {
  try {
    return JSON.parse(body.toString('utf8')) as Json;
  } catch (error) {
    throw new MessageError(
      'not_json',
      `the letter is not JSON and cannot be patched: ${(error as Error).message}`,
    );
  }
}

/**
 * Replaces one letter by an edited task, which goes to the entry stage in its lane. The old letter is marked `edited`
 * and names the new task; who changed what is in the audit log.
 */
export async function edit(
  desk: Desk,
  request: { readonly pipeline: Pipeline; readonly id: string; readonly patch: Fields },
  options: { readonly signal: AbortSignal; readonly onProgress?: (progress: SweepProgress) => void },
): Promise<EditEnd> {
  const { pipeline, id, patch } = request;
  const edited: { task?: Task; refusal?: MessageError } = {};
  const replace = async (letter: DeadLetter): Promise<Task | undefined> => {
    try {
      // Once: after a lost delivery, or for its double, the same task under the same id.
      const task = edited.task ?? editedTask(pipeline, letter, patch);
      const { taskId: replacedBy } = task;
      const detail = {
        patch,
        replaced_by: replacedBy,
        body_before: letter.body.toString('utf8').slice(0, 10_000),
      };
      await editRow(desk, pipeline, task);
      await insertAuditEntry(desk.pool, { actor: desk.actor, action: 'dlq.edit', target: id, detail });
      await saveDeadLetters(desk.pool, [{ letter, idField: pipeline.idField }], {
        state: 'edited',
        replacedBy,
      });
      edited.task = task;
      return task;
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      edited.refusal = error;
      return undefined;
    }
  };
  const end = await sweepLetters(desk, {
    ...options,
    pipeline,
    request: { operation: 'edit', id, patch },
    decide: async (letters) => {
      const at = letters.findIndex((letter) => letter.id === id);
      const letter = letters[at];
      const task = letter && (await replace(letter));
      return letters.map((one) => {
        if (task === undefined || one !== letter) return { to: 'tail' };
        const { taskId: messageId, priority } = task;
        const queue = laneQueue(pipeline.prefix, letter.lane);
        const body = encodeTask(task);
        return { to: 'queue', destination: { queue, lane: letter.lane, body, messageId, priority } };
      });
    },
  });
  // Only now: a sweep that breaks off leaves the queue rotated.
  if (edited.refusal !== undefined) throw edited.refusal;
  return edited.task === undefined ? end : { ...end, taskId: edited.task.taskId };
}
