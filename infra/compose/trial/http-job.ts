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
  const ask = async (path: string, request: RequestInit = {}): Promise<{ id: string; status: JobStatus }> => {
    const headers = new Headers(request.headers);
    headers.set('authorization', `Bearer ${key}`);
    const response = await fetch(`${project.apiUrl}${path}`, { ...request, headers });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as { id: string; status: JobStatus };
  };
  const body = readFileSync(file);
  const { id } = await ask('/v1/jobs', { method: 'POST', headers: { 'content-type': 'text/csv' }, body });
  const deadline = Date.now() + withinMs;
  for (;;) {
    const { status } = await ask(`/v1/jobs/${id}`);
    if (hasEnded(status) || Date.now() > deadline) return status;
    await wait(POLL_MS);
  }
}
