import { openTestRedis, type TestRedis } from '../../tests/harness.ts';
import { SILENT } from '../observability/log.ts';
import { NEW_STATE, type Task } from '../task/task.ts';
import { type DedupeWindow, openDedupeWindow } from './dedupe-window.ts';

let server: TestRedis;
const open: DedupeWindow[] = [];
beforeAll(async () => {
  server = await openTestRedis();
});
afterEach(() => {
  for (const window of open.splice(0)) window.close();
});
afterAll(() => server.close());

let runs = 0;

async function setUp(windowMs = 60_000, redisUrl = server.url) {
  const prefix = `${server.prefix}:${runs++}`;
  const openOne = async (): Promise<DedupeWindow> => {
    const window = await openDedupeWindow({ redisUrl, windowMs, name: 'dedupe-test', log: SILENT, prefix });
    open.push(window);
    return window;
  };
  const sent: string[] = [];
  const send = (task: Task) => (): Promise<void> => {
    sent.push(task.taskId);
    return Promise.resolve();
  };
  return { openOne, sent, send };
}

const taskOf = (taskId: string, more: Partial<Task> = {}): Task => ({
  taskId,
  pipeline: 'tracks',
  owner: '',
  priority: 5,
  entity: { track_id: 't1', artist: 'Deadmau5', title: 'Strobe' },
  extra: {},
  strategy: 'first',
  state: NEW_STATE,
  ...more,
});

test('an equal task is not sent again by any process, and is told whose id counts', async () => {
  const { openOne, sent, send } = await setUp();
  const [a, b] = [await openOne(), await openOne()];
  const [first, second] = [taskOf('first'), taskOf('second')];
  expect(await a.once(first, 'priority', send(first))).toBe('first');
  expect(await b.once(second, 'priority', send(second))).toBe('first');
  expect(await a.once(second, 'priority', send(second))).toBe('first');
  expect(sent).toEqual(['first']);
  expect([a.duplicates, b.duplicates]).toEqual([1, 1]);
});

test.each([
  ['is more urgent', { priority: 9 }],
  ['says something else', { entity: { track_id: 't1', artist: 'Deadmau5', title: 'Strobe', album: 'X' } }],
  ['belongs to somebody else', { owner: 'other' }],
  ['belongs to a job', { jobId: 'j' }],
  ['wants new answers', { notBefore: 1 }],
])('a task that %s is sent', async (_, more) => {
  const { openOne, sent, send } = await setUp();
  const window = await openOne();
  for (const task of [taskOf('first'), taskOf('second', more)])
    await window.once(task, 'priority', send(task));
  expect(sent).toEqual(['first', 'second']);
});

test('an equal task that comes while the first is under way waits for it, and goes itself when that fails', async () => {
  const { openOne, sent, send } = await setUp();
  const window = await openOne();
  let refuse: (error: Error) => void = () => undefined;
  const failing = window.once(
    taskOf('failing'),
    'priority',
    () => new Promise<void>((_, reject) => (refuse = reject)),
  );
  const waiting = window.once(taskOf('waiting'), 'priority', send(taskOf('waiting')));
  const last = window.once(taskOf('last'), 'priority', send(taskOf('last')));
  while (sent.length === 0) {
    await new Promise((resolve) => setImmediate(resolve));
    refuse(new Error('refused'));
  }
  await expect(failing).rejects.toThrow('refused');
  expect([await waiting, await last]).toEqual(['waiting', 'waiting']);
  expect(sent).toEqual(['waiting']);
});

test('after the window, and without Redis, everything is sent', async () => {
  const short = await setUp(1);
  const window = await short.openOne();
  const [first, second] = [taskOf('first'), taskOf('second')];
  await window.once(first, 'priority', short.send(first));
  while (short.sent.length < 2) await window.once(second, 'priority', short.send(second));
  expect(short.sent).toEqual(['first', 'second']);
  const away = await setUp(60_000, 'redis://127.0.0.1:1');
  const blind = await away.openOne();
  for (const task of [first, second]) await blind.once(task, 'priority', away.send(task));
  expect(away.sent).toEqual(['first', 'second']);
});
