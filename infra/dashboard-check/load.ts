/**
 * A little of everything that panels are about: both lanes, cache hits, a job, a dead letter, a provider that is paused, and a
 * message that finds no queue, so that an alert fires.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { SILENT } from '../../shared/observability/log.ts';
import { tracks } from '../../shared/pipelines/tracks/index.ts';
import { hasEnded, type JobStatus } from '../../shared/postgres/jobs/job.ts';
import { EnrichmentQueuePublisher } from '../../shared/publisher.ts';
import { PublishError } from '../../shared/rabbitmq/publish-error.ts';
import { ConfirmPublisher } from '../../shared/rabbitmq/confirm-publisher.ts';
import { Connection } from '../../shared/rabbitmq/connection.ts';
import { laneQueue } from '../../shared/rabbitmq/topology.ts';
import { Publication, publishSource } from '../demo/publish-source.ts';
import { SOURCES } from '../demo/sources.ts';
import type { CheckedSystem } from './checked-system.ts';

const OWNER = 'dashboard-check';
const TRACKS = join(import.meta.dirname, '..', '..', 'examples', 'tracks.csv');
/** Of each file: enough that every provider is asked, and done within seconds. */
const ROWS = 60;
const PAUSED = 'lastfm';
const UNAVAILABLE = 503;
const JOB_MS = 60_000;
const POLL_MS = 500;

type Ask = (path: string, request?: RequestInit) => Promise<Response>;

/** Resolves when everything was sent and the job has ended; what is published after it finds its answers in the cache. */
export async function putLoad(system: CheckedSystem, signal: AbortSignal): Promise<void> {
  const ask: Ask = async (path, request = {}) => {
    const headers = new Headers(request.headers);
    headers.set('authorization', `Bearer ${system.apiKey}`);
    for (;;) {
      const response = await fetch(`${system.apiUrl}${path}`, { ...request, headers, signal });
      if (response.status !== UNAVAILABLE) return response;
      // On a busy machine a server may not answer in time: the API says so, and to ask again.
      await response.body?.cancel();
      await wait(POLL_MS, undefined, { signal });
    }
  };
  await publishFiles(system, signal);
  await runJob(ask, signal);
  // Not before the counters were looked at once: nobody sees a counter rise that was never lower.
  await publishWrongly(system, signal);
  await expectOk(await ask(`/v1/providers/${PAUSED}/pause`, json({ for_s: 3_600, reason: OWNER })));
  await publishFiles(system, signal);
}

async function publishFiles({ urls }: CheckedSystem, signal: AbortSignal): Promise<void> {
  const publisher = new EnrichmentQueuePublisher({ url: urls.RABBITMQ_URL, name: OWNER });
  try {
    await publisher.connect(signal);
    for (const source of SOURCES)
      await publishSource(new Publication(source), { publisher, owner: OWNER, limit: ROWS, signal });
    // Nobody has asked for it yet, and nobody else may answer: it waits as long as this provider is paused.
    await publisher.publish(
      { track_id: OWNER, artist: OWNER, title: `As of ${Date.now()}` },
      { providers: [PAUSED] },
    );
  } finally {
    await publisher.close();
  }
}

/** What is no task becomes a dead letter; what has no queue comes back. */
async function publishWrongly({ urls }: CheckedSystem, signal: AbortSignal): Promise<void> {
  const connection = new Connection({ url: urls.RABBITMQ_URL, name: OWNER, log: SILENT }).start();
  const publisher = new ConfirmPublisher({ connection, log: SILENT });
  try {
    const body = Buffer.from('no task at all');
    const message = { exchange: '', body, messageId: OWNER };
    await publisher.publish({ ...message, routingKey: laneQueue(tracks.prefix, 'priority') }, signal);
    await publisher.publish({ ...message, routingKey: 'no_such_queue' }, signal).catch((error: unknown) => {
      if (!(error instanceof PublishError)) throw error;
    });
  } finally {
    await publisher.close();
    await connection.close();
  }
}

/** As an application does: upload, watch to the end, fetch. */
async function runJob(ask: Ask, signal: AbortSignal): Promise<void> {
  const submitted = await ask('/v1/jobs', {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: readFileSync(TRACKS),
  });
  const { id } = (await (await expectOk(submitted)).json()) as { readonly id: string };
  // A watcher is counted as long as it watches. Both are waited for: an interruption must find somebody who hears of it.
  const watched = ask(`/v1/jobs/${id}/events`).then((response) => response.text());
  await Promise.all([untilEnded(ask, id, signal), watched]);
  for (const path of [`/v1/jobs/${id}/results?format=csv`, '/v1/jobs', '/v1/queues', '/v1/providers'])
    await (await expectOk(await ask(path))).arrayBuffer();
  await (await ask('/v1/jobs/no-such-job')).arrayBuffer();
}

async function untilEnded(ask: Ask, id: string, signal: AbortSignal): Promise<void> {
  for (const until = Date.now() + JOB_MS; Date.now() < until;) {
    const { status } = (await (await expectOk(await ask(`/v1/jobs/${id}`))).json()) as { status: JobStatus };
    if (hasEnded(status)) return;
    await wait(POLL_MS, undefined, { signal });
  }
  throw new Error(`job ${id} has not ended within ${JOB_MS / 1_000} s`);
}

const json = (body: object): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

async function expectOk(response: Response): Promise<Response> {
  if (response.ok) return response;
  throw new Error(`${new URL(response.url).pathname}: ${response.status} ${await response.text()}`);
}
