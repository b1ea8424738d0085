import { setTimeout as wait } from 'node:timers/promises';

/** A machine that is busy with the demo itself answers late now and then; longer than this, something is broken. */
const PATIENCE_MS = 30_000;
const PAUSE_MS = 500;

/** Reads again when a server does not answer in time. Rejects with the last error after half a minute, or with the signal's reason. */
export async function patiently<T>(read: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await read();
    } catch (error) {
      signal.throwIfAborted();
      if (performance.now() > until) throw error;
    }
    await wait(PAUSE_MS, undefined, { signal }).catch(() => {
      signal.throwIfAborted();
    });
  }
}
