import { z } from 'zod';
import { MessageError } from './message-error.ts';
import { encodeTask, MAX_MESSAGE_BYTES, parseMessage } from './message.ts';
import { NEW_STATE, type Task, withEvent } from './task.ts';

const tracks = {
  name: 'tracks',
  idField: 'track_id',
  schema: z.object({ track_id: z.string().min(1), title: z.string().min(1), year: z.number().optional() }),
};
const forTracks = (name: string | undefined) =>
  name === undefined || name === 'tracks' ? tracks : undefined;
const parse = (message: unknown, properties = {}): Task => {
  const body = Buffer.from(typeof message === 'string' ? message : JSON.stringify(message));
  return parseMessage(body, forTracks, properties);
};
const faultOf = (message: unknown): MessageError => {
  try {
    parse(message);
  } catch (error) {
    if (error instanceof MessageError) return error;
  }
  throw new Error('was accepted');
};

const least = { track_id: 't1', title: 'Strobe' };

test('the least that is accepted is the fields of the entity', () => {
  expect(parse(least)).toMatchObject({
    entity: least,
    pipeline: 'tracks',
    owner: '',
    priority: 5,
    strategy: 'first',
  });
});

test('the body comes before the properties, and both before the defaults', () => {
  expect(parse(least, { messageId: 'm1', priority: 7 })).toMatchObject({ taskId: 'm1', priority: 7 });
  const said = { ...least, task_id: 'mine', priority: 2 };
  expect(parse(said, { messageId: 'm1', priority: 7 })).toMatchObject({ taskId: 'mine', priority: 2 });
});

test('a task comes back from its message as it was, with its state', () => {
  const task: Task = {
    ...parse({
      ...least,
      owner: 'o',
      job_id: 'j',
      providers: ['p'],
      strategy: 'merge',
      not_before: 5,
      mood: { a: [1] },
    }),
    state: withEvent(
      { ...NEW_STATE, attempts: { p: 2 }, failed: { q: 'gone' }, firstAt: 1 },
      { at: 1, event: 'retried' },
    ),
  };
  expect(parse(encodeTask(task).toString())).toEqual(task);
});

test('what nobody knows is kept as extra, harmless names and harmful ones alike', () => {
  const { extra } = parse(
    '{"track_id":"t1","title":"x","__proto__":{"polluted":1},"constructor":"c","mood":"blue"}',
  );
  expect(Object.keys(extra).sort()).toEqual(['__proto__', 'constructor', 'mood']);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test.each([
  ['not_json', 'not json'],
  ['invalid', '[1]'],
  ['invalid', 'null'],
  ['invalid', { track_id: 't1' }],
  ['invalid', { ...least, priority: 99 }],
  ['invalid', { ...least, pipeline: 'movies' }],
  ['too_large', { ...least, padding: 'x'.repeat(MAX_MESSAGE_BYTES) }],
  ['too_deep', `{"track_id":"t1","title":"x","deep":${'['.repeat(500)}${']'.repeat(500)}}`],
] as const)('refused as %s', (fault, message) => {
  expect(faultOf(message).fault).toBe(fault);
});

test('a refusal names every bad field with its value and the reason', () => {
  const { problems } = faultOf({ track_id: '', title: 7 });
  expect(problems).toEqual([
    { field: 'track_id', value: '', reason: expect.any(String) as string },
    { field: 'title', value: '7', reason: expect.any(String) as string },
  ]);
});

test('a state that makes no sense starts the task anew instead of losing it', () => {
  expect(parse({ ...least, state: { answers: 'none' } }).state).toBe(NEW_STATE);
});

test('a timeline keeps its beginning and its latest entries', () => {
  let state = NEW_STATE;
  for (let at = 0; at < 50; at++) state = withEvent(state, { at, event: 'deferred' });
  expect(state.timeline).toHaveLength(20);
  expect(state.timeline[0]?.at).toBe(0);
  expect(state.timeline.at(-1)?.at).toBe(49);
});
