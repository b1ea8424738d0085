/**
 * Many listeners to the end of one signal, for one listener of the signal's own: an AbortSignal walks all that it has for
 * each that is added or removed, which with a window of 500 messages costs 5 µs a message; this costs 1.
 */
const listenersOf = new WeakMap<AbortSignal, Set<() => void>>();

/** Each is called once at most. Does nothing for a signal that is aborted already. */
export function onAbort(signal: AbortSignal, listener: () => void): void {
  const known = listenersOf.get(signal);
  if (known !== undefined) {
    known.add(listener);
    return;
  }
  const listeners = new Set([listener]);
  listenersOf.set(signal, listeners);
  const tell = (): void => {
    for (const one of listeners) one();
  };
  signal.addEventListener('abort', tell, { once: true });
}

export function offAbort(signal: AbortSignal, listener: () => void): void {
  listenersOf.get(signal)?.delete(listener);
}
