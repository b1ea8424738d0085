/** The events of a job, in order and each once, whatever happens to the connection. */
import { setTimeout as delay } from 'node:timers/promises';
import { type ApiAddress, askApi, unreachable } from '../api/api.ts';
import { ApiRefusal, ApiUnreachable } from '../api/api-errors.ts';
import { readEvents, type ServerEvent } from '../api/event-reader.ts';
import { pathOf } from './job-view.ts';

/** The API says every 15 s that it is still there. */
const SILENT_AFTER_MS = 45_000;
/** Restarts and deployments are waited out. */
const PATIENCE_MS = 5 * 60_000;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 10_000;

export interface FollowOptions {
  readonly jobId: string;
  readonly signal: AbortSignal;
  /** The connection is lost: it is tried again. */
  readonly onLost: (error: Error) => void;
}

/**
 * Ends when the job has ended. A broken connection is taken up after the last event; throws ApiUnreachable after five
 * minutes in which that did not succeed, at once when there was no answer at all, ApiRefusal, and the signal's reason.
 */
export async function* followJob(
  address: ApiAddress,
  { jobId, signal, onLost }: FollowOptions,
): AsyncGenerator<ServerEvent> {
  let latest: string | undefined;
  let heardAt: number | undefined;
  let delayMs = FIRST_DELAY_MS;
  for (;;) {
    try {
      for await (const event of readOnce(address, jobId, latest, signal)) {
        heardAt = performance.now();
        delayMs = FIRST_DELAY_MS;
        if (event.event === 'end') return;
        latest = event.id ?? latest;
        yield event;
      }
    } catch (error) {
      const isWorthIt = heardAt !== undefined && performance.now() - heardAt < PATIENCE_MS;
      if (signal.aborted || !isTemporary(error) || !isWorthIt) throw error;
      onLost(error);
    }
    // A stream that ends without `end` is that of a process that stops: another one goes on.
    await delay(delayMs, undefined, { signal }).catch(() => {
      throw signal.reason;
    });
    delayMs = Math.min(LONGEST_DELAY_MS, delayMs * 2);
  }
}

const isTemporary = (error: unknown): error is Error =>
  error instanceof ApiUnreachable ||
  (error instanceof ApiRefusal && (error.refusal.status === 429 || error.refusal.status >= 500));

async function* readOnce(
  address: ApiAddress,
  jobId: string,
  latest: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<ServerEvent> {
  const silence = new AbortController();
  const timer = setTimeout(() => {
    silence.abort(new ApiUnreachable(`the HTTP API at ${address.url} has gone silent`));
  }, SILENT_AFTER_MS);
  const response = await askApi(address, `${pathOf(jobId)}/events`, {
    headers: latest === undefined ? {} : { 'last-event-id': latest },
    signal: AbortSignal.any([signal, silence.signal]),
  }).catch((error: unknown) => {
    clearTimeout(timer);
    throw unreachable(address.url, error, signal);
  });
  try {
    // 204: all of it was told.
    if (response.body === null) yield { event: 'end', data: '{}' };
    else yield* readEvents(alive(response.body, timer));
  } catch (error) {
    throw unreachable(address.url, error, signal);
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

async function* alive(body: AsyncIterable<Uint8Array>, timer: NodeJS.Timeout): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    timer.refresh();
    yield chunk;
  }
}
