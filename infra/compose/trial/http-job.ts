import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { hasEnded, type JobStatus } from '../../../shared/postgres/jobs/job.ts';
import type { TrialProject } from './project.ts';

const POLL_MS = 500;

/**
 * Does what an application does for the first time: gets a key from the operator, uploads a file, asks until its job has ended.
 * Resolves with the last status of the job, whether it has ended in time or not; rejects when the API refuses.
 */
export async function enrichOverHttp(
  project: TrialProject,
  file: string,
  withinMs: number,
): Promise<JobStatus> {
  const key = await project.enrich('keys', 'create', '--name', 'trial', '--owner', 'trial');
  const authorization = `Bearer ${key}`;
  const deadline = Date.now() + withinMs;
  const ask = async (path: string, request: RequestInit): Promise<{ id: string; status: JobStatus }> => {
    for (;;) {
      const response = await fetch(`${project.apiUrl}${path}`, request);
      if (response.ok) return (await response.json()) as { id: string; status: JobStatus };
      const refusal = `${path}: ${response.status} ${await response.text()}`;
      // "Nothing is lost; ask again": servers on a busy machine may need longer than the API waits for them.
      if (response.status !== 503 || Date.now() > deadline) throw new Error(refusal);
      await wait(POLL_MS);
    }
  };
  const headers = { authorization, 'content-type': 'text/csv', 'idempotency-key': randomUUID() };
  const { id } = await ask('/v1/jobs', { method: 'POST', headers, body: readFileSync(file) });
  for (;;) {
    const { status } = await ask(`/v1/jobs/${id}`, { headers: { authorization } });
    if (hasEnded(status) || Date.now() > deadline) return status;
    await wait(POLL_MS);
  }
}
