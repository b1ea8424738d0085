/** Keeps the gates of this worker informed, and what they know safe from the loss of Redis. */
import type { Log } from '../../shared/observability/log.ts';
import { listenToGates } from '../../shared/redis/gate-changes.ts';
import type { Lifecycle } from '../../shared/runtime/lifecycle.ts';
import type { LookUpDesk } from './look-up-desk.ts';

export interface GateWatchOptions {
  readonly desks: ReadonlyMap<string, LookUpDesk>;
  readonly redisUrl: string;
  readonly processId: string;
  readonly log: Log;
  readonly lifecycle: Pick<Lifecycle, 'onStop'>;
}

const REMEMBER_EVERY_MS = 10_000;

/** What must survive the loss of Redis is written down now and then: a pause at once, the day's requests here. */
export function watchGates({ desks, redisUrl, processId, log, lifecycle }: GateWatchOptions): void {
  const gates = [...desks.values()].map(({ gate }) => gate);
  const timer = setInterval(() => void Promise.all(gates.map((gate) => gate.remember())), REMEMBER_EVERY_MS);
  const news = listenToGates({
    url: redisUrl,
    name: processId,
    log,
    onChange: (provider) => desks.get(provider)?.gate.changed(),
  });
  lifecycle.onStop('gates', async () => {
    clearInterval(timer);
    news.close();
    await Promise.all(gates.map((gate) => gate.close()));
  });
}
