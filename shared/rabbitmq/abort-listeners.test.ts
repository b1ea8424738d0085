import { offAbort, onAbort } from './abort-listeners.ts';

test('all listeners of a signal hear of its end, but those that left', () => {
  const controller = new AbortController();
  const heard: string[] = [];
  const leaver = (): number => heard.push('leaver');
  onAbort(controller.signal, () => heard.push('first'));
  onAbort(controller.signal, leaver);
  onAbort(controller.signal, () => heard.push('second'));
  offAbort(controller.signal, leaver);
  controller.abort();
  expect(heard).toEqual(['first', 'second']);
});

test('a listener that leaves as it is told keeps nobody else from hearing', () => {
  const controller = new AbortController();
  const heard: string[] = [];
  const once = (): void => {
    offAbort(controller.signal, once);
    heard.push('once');
  };
  onAbort(controller.signal, once);
  onAbort(controller.signal, () => heard.push('other'));
  controller.abort();
  expect(heard).toEqual(['once', 'other']);
});
