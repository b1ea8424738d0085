import type { JobTaskKey } from '../../task/job-task-id.ts';
import type { Client } from '../dead-letters.ts';
import { textOfJson } from '../storable-json.ts';
import type { TaskPayload } from './receive-tasks.ts';

/**
 * What a dead task of a job asks for becomes something else; its own priority stays. Changes nothing where the task is
 * not dead, or not there. False = another task of the job has this entity.
 */
export async function editDeadTask(
  client: Client,
  { jobId, seq }: JobTaskKey,
  { entityId, payload }: { readonly entityId: string; readonly payload: TaskPayload },
): Promise<boolean> {
  const { rows } = await client.query<{ is_free: boolean }>(
    `with other as (
       select from job_tasks where job_id = $1 and seq <> $2 and entity_id = $3
     ), edited as (
       update job_tasks set entity_id = $3, payload = (payload - 'extra') || $4::jsonb
       where job_id = $1 and seq = $2 and status = 'dead' and not exists (select from other)
     )
     select not exists (select from other) as is_free`,
    [jobId, seq, entityId, textOfJson(payload)],
  );
  return rows[0]?.is_free ?? false;
}
