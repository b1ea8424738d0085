/** A job's messages as Server-Sent Events. */
import type { Response } from 'express';
import type { JobMessage, JobWatch } from './job-watch.ts';

const HEARTBEAT_MS = 15_000;
/** Of a client that does not read: what would wait for it is memory. It comes back with the id of its last message. */
const MOST_UNREAD_BYTES = 256 * 1024;
/** How long a browser waits before it comes back. */
const RETRY_MS = 3_000;

export interface StreamOptions {
  readonly jobId: string;
  /** Sequence id of the last message that the client has; -1 = none. */
  readonly after: number;
  readonly watch: JobWatch;
  /** Aborted when the client is gone or the process ends. */
  readonly signal: AbortSignal;
}

/** Resolves when the stream is over: the job has ended, the client is gone, or the process ends. */
export function streamEvents(
  response: Response,
  { jobId, after, watch, signal }: StreamOptions,
): Promise<void> {
  response.status(200).set({
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
  response.write(`retry: ${RETRY_MS}\n\n`);
  return new Promise((resolve) => {
    const heartbeat = setInterval(() => {
      response.write(': still here\n\n');
    }, HEARTBEAT_MS);
    const over = (isEnded: boolean): void => {
      clearInterval(heartbeat);
      remove();
      signal.removeEventListener('abort', cut);
      // A browser that is not told comes back for ever.
      if (isEnded) response.write('event: end\ndata: {}\n\n');
      response.end();
      resolve();
    };
    const cut = (): void => {
      over(false);
    };
    const tell = (message: JobMessage): void => {
      response.write(eventText(message));
      if (response.writableLength > MOST_UNREAD_BYTES) response.destroy();
    };
    const end = (): void => {
      over(true);
    };
    const remove = watch.add({ jobId, after, tell, end });
    signal.addEventListener('abort', cut, { once: true });
    if (signal.aborted) cut();
  });
}

/** JSON has no line breaks of its own: one data line. */
const eventText = ({ sequence, type, data }: JobMessage): string =>
  `id: ${sequence}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
