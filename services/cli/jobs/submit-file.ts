/** A file of any size becomes a job, once, however often it has to be sent. */
import { createHash, randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ApiAddress, askJson } from '../api/api.ts';
import { ApiRefusal, ApiUnreachable } from '../api/api-errors.ts';
import { sniffFormat } from '../../../shared/input/format.ts';
import type { Input } from '../../../shared/input/open-input.ts';
import { type SubmittedView, submittedSchema } from './job-view.ts';

export type JobOptions = Readonly<Record<string, string | undefined>>;

export interface SubmitFileOptions {
  /** Opened as rewindable: it is read once for its key, and once for every time it is sent. */
  readonly input: Input;
  readonly file: string;
  /** As the query of the API has them. */
  readonly options: JobOptions;
  readonly isForced: boolean;
  readonly signal: AbortSignal;
  /** Bytes that were sent, from 0 again when it has to be sent again. */
  readonly onSent: (bytes: number) => void;
  readonly onBroken: (error: Error) => void;
}

/** An upload that broke off is held for its key for a minute after its last byte. */
const PATIENCE_MS = 3 * 60_000;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 10_000;

/**
 * The key is made of the content and the options: the same command after a crash, on either side, goes on with the same job.
 * Rejects with ApiUnreachable (at once when the first attempt found nobody), ApiRefusal, InputError, or the signal's reason.
 */
export async function submitFile(address: ApiAddress, submit: SubmitFileOptions): Promise<SubmittedView> {
  const { input, options, isForced, signal, onBroken } = submit;
  sniffFormat(input.head);
  const key = await keyOf(input, isForced ? { ...options, forced: randomUUID() } : options, signal);
  const until = performance.now() + PATIENCE_MS;
  let delayMs = FIRST_DELAY_MS;
  for (let attempt = 1; ; attempt += 1) {
    let sent = 0;
    const onSent = (bytes: number): void => {
      sent = bytes;
      submit.onSent(bytes);
    };
    try {
      return await send(address, { ...submit, onSent }, key);
    } catch (error) {
      const wasReached = attempt > 1 || sent > 0;
      const waitMs = waitAfter(error, wasReached, delayMs);
      if (waitMs === undefined || performance.now() + waitMs > until) throw error;
      onBroken(error as Error);
      await delay(waitMs, undefined, { signal }).catch(() => {
        throw signal.reason;
      });
      delayMs = Math.min(LONGEST_DELAY_MS, delayMs * 2);
    }
  }
}

/** Undefined = sending it again would come to the same. */
function waitAfter(error: unknown, wasReached: boolean, delayMs: number): number | undefined {
  if (error instanceof ApiUnreachable) return wasReached ? delayMs : undefined;
  if (!(error instanceof ApiRefusal) || error.refusal.code !== 'submission_running') return undefined;
  return (error.refusal.retryAfterSeconds ?? 5) * 1_000;
}

async function send(address: ApiAddress, submit: SubmitFileOptions, key: string): Promise<SubmittedView> {
  const { options, isForced, signal } = submit;
  const boundary = `enrich-${randomUUID()}`;
  return askJson(address, '/v1/jobs', submittedSchema, {
    method: 'POST',
    query: { ...options, ...(isForced && { force: '1' }) },
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'idempotency-key': `"${key}"`,
    },
    body: formOf(submit, boundary),
    signal,
  });
}

/** The API tells CSV, JSON and NDJSON apart by the content of a form's file. */
async function* formOf(
  { input, file, onSent }: Pick<SubmitFileOptions, 'input' | 'file' | 'onSent'>,
  boundary: string,
): AsyncGenerator<Uint8Array> {
  const name = basename(file).replace(/[^\w.-]/g, '_');
  yield Buffer.from(
    `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\ncontent-type: application/octet-stream\r\n\r\n`,
  );
  let sent = 0;
  for await (const chunk of input.bytes()) {
    yield chunk;
    sent += chunk.length;
    onSent(sent);
  }
  yield Buffer.from(`\r\n--${boundary}--\r\n`);
}

async function keyOf(input: Input, options: JobOptions, signal: AbortSignal): Promise<string> {
  const said = Object.entries(options).filter(([, value]) => value !== undefined);
  const sorted = said.sort(([a], [b]) => (a < b ? -1 : 1));
  const hash = createHash('sha256').update(`${JSON.stringify(sorted)}\n`);
  for await (const chunk of input.bytes()) {
    signal.throwIfAborted();
    hash.update(chunk);
  }
  return `file-${hash.digest('hex')}`;
}
