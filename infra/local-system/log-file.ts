import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Holds the last lines of any log. */
const TAIL_BYTES = 16_384;
const POLL_MS = 150;
const NEWLINE = 0x0a;

/** The last lines of a file; none when there is no such file. */
export function lastLines(file: string, count: number): string[] {
  try {
    const tail = bytesOf(file, (size) => Math.max(0, size - TAIL_BYTES));
    return linesIn(tail).slice(-count);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/**
 * Hands over every line that the file has and gets. It looks every 150 ms, since file events are late or lost on some file
 * systems. The returned function hands over what is left and ends it.
 */
export function followLines(file: string, onLine: (line: string) => void): () => void {
  let position = 0;
  const read = (isLast: boolean): void => {
    const bytes = bytesOf(file, () => position);
    // What follows the last newline is a line, or even a character, that is still being written.
    const whole = isLast ? bytes : bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1);
    position += whole.length;
    for (const line of linesIn(whole)) onLine(line);
  };
  const timer = setInterval(read, POLL_MS, false);
  return () => {
    clearInterval(timer);
    read(true);
  };
}

const linesIn = (bytes: Buffer): string[] =>
  bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');

function bytesOf(file: string, from: (size: number) => number): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const start = from(size);
    const bytes = Buffer.alloc(Math.max(0, size - start));
    return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, start));
  } finally {
    closeSync(descriptor);
  }
}
