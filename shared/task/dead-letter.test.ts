import fc from 'fast-check';
import { type DeadLetter, LETTER_PRIORITY, letterHeaders, letterId, readLetter } from './dead-letter.ts';
import { matchesFilter } from './dead-letter-filter.ts';

const words = fc.string({ minLength: 1, maxLength: 60 });
const times = fc.integer({ min: 0, max: 4_102_444_800_000 });

const letters: fc.Arbitrary<DeadLetter> = fc
  .record({
    id: words,
    reason: words,
    errorClass: words,
    error: words,
    fingerprint: fc.constant('0123456789ab'),
    diedAt: times,
    firstError: words,
    firstErrorAt: times,
    provider: fc.option(words, { nil: undefined }),
    attempts: fc.nat(50),
    replays: fc.nat(5),
    originQueue: words,
    lane: fc.constantFrom('priority' as const, 'backlog' as const),
    priority: fc.nat(10),
    messageId: fc.option(words, { nil: undefined }),
    body: fc.uint8Array({ maxLength: 50 }),
    headers: fc.dictionary(fc.constantFrom('traceparent', 'x-mine', 'n'), fc.oneof(fc.string(), fc.nat())),
  })
  .map(({ provider, messageId, body, headers, ...letter }) => ({
    ...letter,
    pipeline: 'tracks',
    body: Buffer.from(body),
    headers: { ...headers },
    ...(provider !== undefined && { provider }),
    ...(messageId !== undefined && { messageId }),
  }));

const asMessage = (letter: DeadLetter) => ({
  content: letter.body,
  properties: { messageId: letter.id, priority: LETTER_PRIORITY, headers: letterHeaders(letter) },
});

test('a letter is read back as it was written, whatever is in it', () => {
  fc.assert(
    fc.property(letters, (letter) => {
      expect(readLetter(asMessage(letter), 'tracks')).toEqual(letter);
    }),
  );
});

test('an error of any length still makes a message that the client accepts', () => {
  const letter = readLetter(
    { content: Buffer.from('{}'), properties: { headers: { 'x-error': 'x'.repeat(100_000) } } },
    'tracks',
  );
  expect(letterHeaders(letter)['x-error']).toHaveLength(2_000);
});

test('a message that somebody put there by hand is read, with an id that stays the same', () => {
  const message = { content: Buffer.from('hello'), properties: {} };
  const letter = readLetter(message, 'movies');
  expect(letter).toMatchObject({
    pipeline: 'movies',
    reason: 'unknown',
    lane: 'priority',
    replays: 0,
    diedAt: 0,
  });
  expect(letter.id).toBe(letterId('movies', Buffer.from('hello')));
  expect(readLetter(message, 'movies')).toEqual(letter);
});

test('a message without a name is the same letter after its replay, and one with a name keeps to that', () => {
  const body = Buffer.from('hello');
  const id = letterId('movies', body);
  expect(letterId('movies', body, id)).toBe(id);
  expect(letterId('movies', body, 'm1')).not.toBe(id);
});

test('an owner is asked for by name, also of letters that nobody can read', () => {
  const letter = readLetter({ content: Buffer.from('{"owner":"shop"}'), properties: {} }, 'movies');
  expect(matchesFilter(letter, { owner: 'shop' })).toBe(true);
  expect(matchesFilter(letter, { owner: 'other' })).toBe(false);
  const broken = readLetter({ content: Buffer.from('hello'), properties: {} }, 'movies');
  expect(matchesFilter(broken, { owner: '' })).toBe(true);
});

test('the headers of the broker stay behind', () => {
  const headers = {
    'x-death': [{ count: 3 }],
    'x-delivery-count': 4,
    'x-first-death-queue': 'q',
    traceparent: '00-1',
  };
  expect(readLetter({ content: Buffer.from(''), properties: { headers } }, 'tracks').headers).toEqual({
    traceparent: '00-1',
  });
});

test('a letter whose lane is not said has that of the queue where it died', () => {
  const headers = { 'x-origin-queue': 'enrichment_spotify_backlog' };
  expect(readLetter({ content: Buffer.from(''), properties: { headers } }, 'tracks').lane).toBe('backlog');
});

test('a filter means the letters that meet all of its conditions', () => {
  const headers = {
    'x-reason': 'providers_failed',
    'x-provider': 'spotify',
    'x-fingerprint': '3fa9b2c41d00',
    'x-error': 'Bad Gateway',
    'x-died-at': '2031-05-01T12:00:00.000Z',
  };
  const letter = readLetter({ content: Buffer.from('{"title":"Ünder"}'), properties: { headers } }, 'tracks');
  const at = Date.parse('2031-05-01T12:00:00.000Z');
  expect(matchesFilter(letter, {})).toBe(true);
  expect(matchesFilter(letter, { group: '3fa9', provider: 'spotify', since: at, grep: 'ünd' })).toBe(true);
  expect(matchesFilter(letter, { grep: 'bad gate' })).toBe(true);
  for (const other of [
    { group: '3fb' },
    { provider: 'tmdb' },
    { since: at + 1 },
    { grep: 'x' },
    { pipeline: 'movies' },
  ])
    expect(matchesFilter(letter, { group: '3fa9', ...other })).toBe(false);
});
