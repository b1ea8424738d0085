import { patiently } from './patiently.ts';

const NEVER = new AbortController().signal;

test('a read that fails is repeated until it succeeds', async () => {
  const answers = [Promise.reject(new Error('too late')), Promise.resolve('there')];
  answers[0]?.catch(() => undefined);
  await expect(patiently(() => answers.shift() ?? Promise.reject(new Error('empty')), NEVER)).resolves.toBe(
    'there',
  );
});

test('an interruption ends the repeating at once', async () => {
  const controller = new AbortController();
  const reading = patiently(() => Promise.reject(new Error('away')), controller.signal);
  // Once it waits for the next try.
  await new Promise((resolve) => setImmediate(resolve));
  controller.abort(new Error('Ctrl-C'));
  await expect(reading).rejects.toThrow('Ctrl-C');
});
