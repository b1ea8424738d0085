/** Thrown into what waits when somebody pressed Ctrl-C. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
}

/**
 * Aborted by the first Ctrl-C (or SIGTERM), so that everything can be stopped in order; `onFirst` may say so. The second
 * one ends this process at once.
 */
export function interruptible(onFirst: () => void): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      onFirst();
      controller.abort(new Interruption('interrupted'));
    });
  }
  return controller.signal;
}
