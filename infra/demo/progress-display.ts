import type { WriteStream } from 'node:tty';
import { progressBlock, progressLine, type Progress } from './progress-text.ts';
import { styleOf } from './style.ts';

const LINE_EVERY_SECONDS = 5;
/** A line that the terminal breaks would leave its rest behind. */
const BLOCK_WIDTH = 76;

/** Shows progress on a stream: a block that is drawn over again where that is possible, else a line every few seconds. */
export class ProgressDisplay {
  readonly #stream: WriteStream;
  readonly #isLive: boolean;
  #drawnLines = 0;
  #nextLineAt = 0;

  constructor(
    stream: WriteStream,
    env: { readonly TERM?: string | undefined; readonly CI?: string | undefined },
  ) {
    this.#stream = stream;
    this.#isLive =
      stream.isTTY && stream.columns >= BLOCK_WIDTH && env.TERM !== 'dumb' && env.CI === undefined;
  }

  show(progress: Progress): void {
    if (this.#isLive) this.#draw(progressBlock(progress, styleOf(this.#stream)));
    else if (progress.state.seconds >= this.#nextLineAt) {
      this.#nextLineAt = progress.state.seconds + LINE_EVERY_SECONDS;
      this.#stream.write(`${progressLine(progress)}\n`);
    }
  }

  /** Takes the block away, so that what is written next stands in its place. Idempotent. */
  clear(): void {
    if (this.#drawnLines > 0) this.#stream.write(`\u001b[${this.#drawnLines}A\r\u001b[J`);
    this.#drawnLines = 0;
  }

  /** A block that is higher than the window cannot be drawn over: what does not fit is left out. */
  #draw(lines: readonly string[]): void {
    const shown = lines.slice(0, Math.max(1, this.#stream.rows - 1));
    const up = this.#drawnLines > 0 ? `\u001b[${this.#drawnLines}A` : '';
    const text = shown.map((line) => `\r${line}\u001b[K\n`).join('');
    this.#stream.write(`${up}${text}\u001b[J`);
    this.#drawnLines = shown.length;
  }
}
