/** Thrown into what waits when somebody pressed Ctrl-C. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
}

/**
 * Aborted by the first Ctrl-C (or SIGTERM), so that the command can finish what is under way and say how far it came.
 * The second one ends the process at once.
 */
export function interruptible(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort(new Interruption('interrupted'));
    });
  }
  return controller.signal;
}
