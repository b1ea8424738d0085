import { findInLog, passwordsIn } from './log-findings.ts';

const line = (level: string, message: string, more: object = {}): string =>
  JSON.stringify({ level, message, ...more });
const none = { expected: [], secrets: [] };
const log = (...lines: string[]) => ({ name: 'worker-1', text: lines.join('\n'), wasKilled: false });

test('an error is found unless the fault expects it; warnings are none', () => {
  const text = log(line('warn', 'slow'), line('error', 'Postgres is away'), line('error', 'broke'));
  const { errors } = findInLog(text, { ...none, expected: ['Postgres is away'] });
  expect(errors).toEqual([`worker-1: ${line('error', 'broke')}`]);
});

test('what is no line of ours is found: a stack trace of a process that was not meant to die', () => {
  const text = log(line('info', 'up'), 'TypeError: x is not a function');
  expect(findInLog(text, none).errors).toHaveLength(1);
  expect(findInLog({ ...text, wasKilled: true }, none).errors).toEqual([]);
});

test('a secret is found wherever it stands, and is not repeated', () => {
  const secrets = passwordsIn(['amqp://user:hidden-word@host/v', 'redis://host/0']);
  expect(secrets).toEqual(['hidden-word']);
  const { leaks } = findInLog(log(line('warn', 'away', { error: 'amqp://user:hidden-word@host' })), {
    ...none,
    secrets,
  });
  expect(leaks).toEqual(['worker-1: away']);
});
