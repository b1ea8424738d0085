import { jsonLine, prettyLine } from './log-line.ts';

describe('a line for machines', () => {
  const line = jsonLine({ service: 'worker' });
  const read = (text: string) => JSON.parse(text) as Record<string, unknown>;

  it('holds level, message, time, facts and what every line has', () => {
    expect(read(line('warn', 'Redis is back', { forMs: 12 }))).toEqual({
      level: 'warn',
      message: 'Redis is back',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
      forMs: 12,
      service: 'worker',
    });
  });

  it('carries no password of an address, in the message or in a fact', () => {
    const text = line('error', 'cannot reach amqp://user:secret@host', { error: 'redis://:s3cret@host:1' });
    expect(text).not.toMatch(/s[e3]cret/);
    expect(read(text)['error']).toBe('redis://:***@host:1');
  });

  it('leaves an address without a password alone beside a fact that holds an @', () => {
    const fields = { url: 'http://host', contact: 'a@b' };
    expect(read(line('info', 'up', fields))).toMatchObject(fields);
  });

  it('is written whatever a fact holds', () => {
    const cycle: Record<string, unknown> = {};
    cycle['itself'] = cycle;
    expect(read(line('info', 'odd', { cycle, big: 1n }))).toMatchObject({ message: 'odd', big: '1n' });
  });
});

test('a line for people is the message and its facts', () => {
  expect(prettyLine('warn', 'stage waits', { queue: 'q', forMs: 5 })).toMatch(
    /^\d\d:\d\d:\d\d WARN stage waits {2}queue=q forMs=5$/,
  );
});
