import { setTimeout as delay } from 'node:timers/promises';
import type { WriteStream } from 'node:tty';
import { Interruption } from './interruption.ts';

/**
 * Draws a text over itself again and again until the signal aborts. Never more lines than the terminal has: what scrolled
 * away could not be drawn over. Throws what `read` throws.
 */
export async function redraw(
  stream: WriteStream,
  everyMs: number,
  signal: AbortSignal,
  read: (width: number) => Promise<string>,
): Promise<void> {
  let drawn = 0;
  while (!signal.aborted) {
    const lines = (await read(stream.columns)).split('\n').slice(0, Math.max(1, stream.rows - 1));
    const up = drawn > 0 ? `\u001b[${drawn}A\r` : '';
    stream.write(`${up}${lines.map((line) => `${line}\u001b[K\n`).join('')}\u001b[J`);
    drawn = lines.length;
    await delay(everyMs, undefined, { signal }).catch((error: unknown) => {
      if (!(signal.reason instanceof Interruption)) throw error;
    });
  }
}
