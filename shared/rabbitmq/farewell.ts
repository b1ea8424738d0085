import { setTimeout as delay } from 'node:timers/promises';

/** A dead peer never answers a farewell, and what it would say changes nothing. */
const DEADLINE_MS = 3_000;

/** Waits for the broker's answer to a close or a cancel, for 3 s at the latest. Never rejects. */
export async function farewell(answer: Promise<unknown> | undefined): Promise<void> {
  const done = new AbortController();
  const deadline = delay(DEADLINE_MS, undefined, { signal: done.signal }).catch(() => undefined);
  await Promise.race([answer?.catch(() => undefined), deadline]);
  done.abort();
}
