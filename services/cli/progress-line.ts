import type { Writable } from 'node:stream';

export interface Pace {
  readonly perSecond: number;
  /** Absent = not known. */
  readonly secondsLeft?: number;
}

export interface Progress {
  readonly count: number;
  /** 0 to 1; absent when the end is not known. */
  readonly fraction?: number;
  /** What somebody knows better than the clock here; absent = reckoned from the start. `unknown` = nobody can tell yet. */
  readonly pace?: Pace | 'unknown';
  /** Shown behind the figures: why nothing moves. */
  readonly remark?: string;
}

export interface ProgressLineOptions {
  readonly stream: Writable;
  /** False = nothing is ever written: not a terminal, or a machine reads along. */
  readonly isShown: boolean;
  readonly unit: string;
}

/** Short commands show none at all. */
const SHOWN_AFTER_MS = 1_000;
const REDRAWN_AFTER_MS = 100;
const BAR_WIDTH = 24;

/** One line that is drawn over again and is gone at the end. */
export class ProgressLine {
  readonly #options: ProgressLineOptions;
  #timer: NodeJS.Timeout | undefined;
  #isDrawn = false;

  constructor(options: ProgressLineOptions) {
    this.#options = options;
  }

  /** Draws what `read` says, from a second on, until `end`. */
  start(read: () => Progress): void {
    if (!this.#options.isShown) return;
    clearInterval(this.#timer);
    const startedAt = performance.now();
    this.#timer = setInterval(() => {
      const elapsedMs = performance.now() - startedAt;
      if (elapsedMs < SHOWN_AFTER_MS) return;
      this.#isDrawn = true;
      const text = progressText(read(), elapsedMs / 1_000, this.#options.unit);
      this.#options.stream.write(`\r${text}\u001b[K`);
    }, REDRAWN_AFTER_MS);
    this.#timer.unref();
  }

  /** A whole line in its place, also where nothing is drawn; the progress is drawn below it. */
  say(text: string): void {
    this.#options.stream.write(`${this.#isDrawn ? '\r\u001b[K' : ''}${text}\n`);
  }

  /** Takes the line away. Idempotent. */
  end(): void {
    clearInterval(this.#timer);
    if (this.#isDrawn) this.#options.stream.write('\r\u001b[K');
    this.#isDrawn = false;
  }
}

/** `[████────]  42 %  12,000 rows  5,800/s  3 s left`. */
export function progressText(progress: Progress, seconds: number, unit: string): string {
  const { count, fraction, remark } = progress;
  const pace = progress.pace ?? reckoned(progress, seconds);
  const parts = [`${thousands(count)} ${unit}`];
  if (pace !== 'unknown') parts.push(`${thousands(Math.round(pace.perSecond))}/s`);
  if (fraction !== undefined && fraction > 0) {
    const done = Math.round(fraction * BAR_WIDTH);
    const bar = '█'.repeat(done) + '─'.repeat(BAR_WIDTH - done);
    parts.unshift(`[${bar}] ${String(Math.floor(fraction * 100)).padStart(3)} %`);
  }
  if (pace !== 'unknown' && pace.secondsLeft !== undefined) parts.push(`${duration(pace.secondsLeft)} left`);
  if (remark !== undefined) parts.push(remark);
  return parts.join('  ');
}

function reckoned({ count, fraction = 0 }: Progress, seconds: number): Pace {
  const perSecond = seconds > 0 ? count / seconds : 0;
  return fraction > 0 ? { perSecond, secondsLeft: (seconds / fraction) * (1 - fraction) } : { perSecond };
}

export const thousands = (count: number): string => count.toLocaleString('en-US');

/** `45 s`, `3 min`, `2 h 5 min`, `4 days`. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`;
  return `${Math.round(hours / 24)} days`;
}
