/**
 * When a request of `fetch` really leaves. Between the call and that moment a connection may have to be made, which takes
 * several times as long as the request itself; the runtime tells it on its diagnostics channels.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';

type OnSent = () => void;

const caller = new AsyncLocalStorage<OnSent>();
/** By the runtime's own request, which is made in the context of the caller and sent in any. */
const waiting = new WeakMap<object, OnSent>();

const requestOf = (message: unknown): object => (message as { request: object }).request;

subscribe('undici:request:create', (message) => {
  const onSent = caller.getStore();
  if (onSent !== undefined) waiting.set(requestOf(message), onSent);
});

subscribe('undici:client:sendHeaders', (message) => {
  waiting.get(requestOf(message))?.();
});

/** Runs `send`; requests that it makes tell `onSent`. */
export const tellingWhenSent = <T>(onSent: OnSent | undefined, send: () => Promise<T>): Promise<T> =>
  onSent === undefined ? send() : caller.run(onSent, send);
