/** Start in order, stop in reverse, once, within a deadline. */
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

export interface Lifecycle {
  /** Aborted when the process is told to stop: nothing new is begun. */
  readonly stopping: AbortSignal;
  /** Aborted shortly before the deadline: what is still under way is cut off. */
  readonly cutOff: AbortSignal;
  /** Registers what to do at the end; the last registered runs first. */
  onStop(name: string, stop: () => Promise<void> | void): void;
  /** Resolves when everything has stopped. */
  readonly stopped: Promise<void>;
  stop(): void;
}

export interface LifecycleOptions {
  readonly graceMs: number;
  readonly onProblem: (message: string, error?: unknown) => void;
}

/** Kept for settling what was cut off. */
const SETTLE_MS = 3_000;

/**
 * SIGTERM or SIGINT begins the stop; a second one ends the process at once with exit code 130. What is not done at the
 * deadline is left: the broker takes back what was not settled.
 */
export function openLifecycle({ graceMs, onProblem }: LifecycleOptions): Lifecycle {
  const stopping = new AbortController();
  const cutOff = new AbortController();
  for (const { signal } of [stopping, cutOff]) setMaxListeners(0, signal);
  const stops: { name: string; stop: () => Promise<void> | void }[] = [];
  let finished: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => (finished = resolve));

  const runAll = async (): Promise<void> => {
    for (const { name, stop } of stops.reverse()) {
      try {
        await stop();
      } catch (error) {
        onProblem(`${name} did not stop cleanly`, error);
      }
    }
  };
  const stop = (): void => {
    if (stopping.signal.aborted) return;
    stopping.abort(new Error('the process is stopping'));
    const timer = setTimeout(
      () => {
        cutOff.abort(new Error('the grace period is over'));
      },
      Math.max(0, graceMs - SETTLE_MS),
    );
    const deadline = delay(graceMs, 'late', { ref: false });
    void Promise.race([runAll(), deadline]).then((end) => {
      clearTimeout(timer);
      if (end === 'late') onProblem(`not everything stopped within ${graceMs} ms`);
      finished();
    });
  };
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      if (stopping.signal.aborted) process.exit(130);
      stop();
    });
  }
  return {
    stopping: stopping.signal,
    cutOff: cutOff.signal,
    stopped,
    stop,
    onStop: (name, run) => {
      stops.push({ name, stop: run });
    },
  };
}
