import { check, type Fault } from '../fault.ts';

const HEARTBEAT_SECONDS = 5;
const MOVED_WITHIN_MS = 60_000;

const partition: Fault = {
  id: 'F22',
  title: 'partition between a worker and the broker',
  injection: `nothing passes in either direction until the other worker has finished everything (heartbeat ${HEARTBEAT_SECONDS} s)`,
  caughtUpWithinS: 20,
  scene: { workers: 1, heartbeatSeconds: HEARTBEAT_SECONDS },
  async inject(scene) {
    const { proxy, url } = await scene.proxied(scene.urls.broker);
    const cutOff = await scene.startWorker({ RABBITMQ_URL: url });
    await cutOff.ready();
    await scene.secondsUntilSettled(2_000);
    proxy.set({ swallow: 'both' });
    const moved = await scene.secondsUntilSettled(MOVED_WITHIN_MS);
    proxy.set({});
    return {
      healedAt: performance.now(),
      checks: [
        check(
          'the other worker finishes what the cut-off one held',
          moved !== null,
          `${moved ?? 'not'} within ${MOVED_WITHIN_MS / 1_000} s`,
        ),
        check('the cut-off worker lives', cutOff.isRunning, cutOff.name),
      ],
    };
  },
};

export const networkFaults: readonly Fault[] = [partition];
