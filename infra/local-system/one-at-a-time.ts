import { join } from 'node:path';
import type { Instance } from '../local-stack/instance.ts';
import { withProcessLock } from '../process-lock.js';

/** Thrown when another process runs the system of this instance now. */
export class AlreadyRunning extends Error {
  override readonly name = 'AlreadyRunning';
}

/**
 * Runs the body while nobody else does for the same instance; throws AlreadyRunning instead of waiting. A process that was
 * killed holds nothing.
 */
export function oneAtATime<T>(instance: Instance, body: () => Promise<T>): Promise<T> {
  return withProcessLock(join(instance.stateDir, 'system.lock'), body, {
    onWait: () => {
      throw new AlreadyRunning(`the system of ${instance.root} (${instance.name}) runs already`);
    },
  });
}
