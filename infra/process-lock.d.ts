/**
 * When the process started, in a form that only serves to compare; undefined when no such process runs (a zombie does not).
 * Together with the pid it names a process for good.
 */
export function processStartTime(pid: number): string | undefined;

/**
 * Runs `body` while no other live process on this machine is inside one for the same path, and gives back its result. The
 * lock of a process that died is taken over at once. It polls every 50 ms; `onWait` is called once when it has to wait. Not
 * re-entrant.
 */
export function withProcessLock<T>(
  path: string,
  body: () => T | Promise<T>,
  options?: { onWait?: () => void },
): Promise<T>;
