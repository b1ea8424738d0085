import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { HEAD_BYTES } from './format.ts';
import { InputError } from './raw-row.ts';

/** Bytes to read, of which the beginning is known. */
export interface Input {
  readonly head: Buffer;
  /** Bytes of a file; unknown for a stream. */
  readonly size?: number;
  /** All bytes from the first. Of a stream that was not spooled they come once; a second call throws. */
  bytes(): AsyncIterable<Buffer>;
  close(): Promise<void>;
}

export interface OpenInputOptions {
  /** For `-`. */
  readonly stdin: Readable;
  /** The input is read more than once: what cannot be rewound is copied to a private temporary file first. */
  readonly isRewindable?: boolean;
}

/** Opens a file, or standard input for `-`. Throws InputError. The caller closes it. */
export async function openInput(path: string, options: OpenInputOptions): Promise<Input> {
  if (path === '-') return openStream(options.stdin, options);
  const status = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (status.isDirectory())
    throw new InputError(`'${path}' is a directory: name a file, or - for standard input`);
  return status.isFile() ? openFile(path) : openStream(createReadStream(path), options);
}

async function openFile(path: string): Promise<Input> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw unreadable(path, error);
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const head = buffer.subarray(0, bytesRead);
    return {
      head,
      size: (await file.stat()).size,
      bytes: () => createReadStream(path) as AsyncIterable<Buffer>,
      close: async () => undefined,
    };
  } finally {
    await file.close();
  }
}

async function openStream(stream: Readable, options: OpenInputOptions): Promise<Input> {
  if (options.isRewindable === true) return spool(stream);
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const head = await readHead(chunks);
  let isRead = false;
  return {
    head,
    bytes: async function* () {
      if (isRead) throw new Error('a stream is read once: open it as rewindable');
      isRead = true;
      yield head;
      yield* { [Symbol.asyncIterator]: () => chunks };
    },
    close: async () => {
      stream.destroy();
    },
  };
}

/** As much as tells the format: to the end of the first line that is not empty, so that a slow pipe is not waited for. */
async function readHead(chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < HEAD_BYTES && !/\S[^\n]*\n/.test(head.toString('latin1'))) {
    const next = await chunks.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  return head;
}

/** The copy may be read by its owner only, and is gone when the input is closed. */
async function spool(stream: Readable): Promise<Input> {
  const path = join(tmpdir(), `enrich-${randomUUID()}`);
  const close = async (): Promise<void> => rm(path, { force: true });
  try {
    await pipeline(stream, createWriteStream(path, { mode: 0o600, flags: 'wx' }));
    return { ...(await openFile(path)), close };
  } catch (error) {
    await close();
    throw new InputError(`cannot copy the input to ${tmpdir()}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function unreadable(path: string, error: unknown): InputError {
  const { code } = error as NodeJS.ErrnoException;
  const why = code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'permission denied' : code;
  return new InputError(`cannot read '${path}': ${why ?? String(error)}`, { cause: error });
}
