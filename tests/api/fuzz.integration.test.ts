/** Bodies that nobody would send on purpose. */
import fc from 'fast-check';
import { openTestPipeline, type TestPipeline } from '../pipeline.ts';
import { openTestApi, type TestApi } from './test-api.ts';

let pipeline: TestPipeline;
let api: TestApi;

beforeAll(async () => {
  pipeline = await openTestPipeline();
  api = await openTestApi(pipeline, { API_MAX_RUNNING_JOBS: '100000', API_MAX_WAITING_ROWS: '100000000' });
});

afterAll(async () => {
  await api.close();
  await pipeline.close();
});

const SEED = 20_311_205;
const BODIES = 10_000;
/** One after the other the bodies would take minutes. */
const AT_ONCE = 20;

const NASTY = [
  '',
  '\0',
  '\u0000x',
  '\ud800',
  '=1+1',
  "'; drop table tracks --",
  '9'.repeat(400),
  '__proto__',
  'constructor',
  '\u202e',
  '-0',
];
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 30 }), fc.constantFrom(...NASTY));
const value = fc.oneof(
  text,
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(text, { maxLength: 3 }),
  fc.jsonValue({ maxDepth: 4 }),
);
const field = fc.oneof(
  fc.constantFrom(
    'track_id',
    'artist',
    'title',
    'album',
    'isrc',
    'duration_ms',
    'movie_id',
    'year',
    'imdb_id',
    'priority',
    'extra',
  ),
  text,
);
const record = fc.dictionary(field, value, { maxKeys: 8 });
const option = fc.constantFrom(
  'pipeline',
  'lane',
  'priority',
  'providers',
  'strategy',
  'refresh',
  'label',
  'deadline',
  'callback_url',
  'map',
  'records',
  'record',
);
const json = fc.oneof(
  fc
    .record({
      pipeline: fc.constantFrom('tracks', 'movies'),
      records: fc.array(record, { minLength: 1, maxLength: 4 }),
    })
    .map((body) => JSON.stringify(body)),
  fc.record({ record }).map((body) => JSON.stringify(body)),
  fc.dictionary(option, value, { maxKeys: 5 }).map((body) => JSON.stringify(body)),
  fc.jsonValue().map((body) => JSON.stringify(body)),
  fc.string({ unit: 'binary', maxLength: 200 }),
);
const cell = text.map((raw) => (raw.includes('"') ? raw : `"${raw}"`));
const csv = fc.oneof(
  fc
    .array(fc.array(cell, { minLength: 2, maxLength: 3 }), { maxLength: 5 })
    .map((rows) => `artist,title,album\n${rows.map((row) => row.join(',')).join('\n')}`),
  fc.string({ unit: 'binary', maxLength: 200 }),
);
const bytes = fc.uint8Array({ maxLength: 300 });

const request = fc.oneof(
  fc.record({
    path: fc.constantFrom('/v1/jobs', '/v1/jobs?dry_run=1', '/v1/dead-letters/replays'),
    type: fc.constant('application/json'),
    body: json,
  }),
  fc.record({ path: fc.constant('/v1/enrich'), type: fc.constant('application/json'), body: json }),
  fc.record({
    path: fc.constantFrom('/v1/jobs?pipeline=movies', '/v1/jobs?force=1'),
    type: fc.constantFrom('text/csv', 'application/x-ndjson'),
    body: fc.oneof(csv, bytes),
  }),
  fc.record({
    path: fc.constant('/v1/jobs'),
    type: fc.constantFrom('multipart/form-data; boundary=x', 'multipart/form-data', 'text/html', ''),
    body: fc.oneof(csv, bytes),
  }),
);

test(`${BODIES} bodies of all kinds are refused or accepted, and none of them makes the service fail`, async () => {
  const bodies = fc.sample(request, { numRuns: BODIES, seed: SEED });
  const statuses = new Map<number, number>();
  const failures: unknown[] = [];
  const next = bodies.values();
  const send = async (): Promise<void> => {
    for (const { path, type, body } of next) {
      const response = await api.ask(path, {
        method: 'POST',
        body,
        headers: { prefer: 'wait=0', 'content-type': type },
      });
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      const answer = await response.text();
      if (response.status >= 500) failures.push({ path, type, body: String(body), answer });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, send));
  expect(failures.slice(0, 5)).toEqual([]);
  // It did get through to both ends.
  expect(statuses.get(202)).toBeGreaterThan(100);
  expect(statuses.get(422)).toBeGreaterThan(100);
  expect(api.undocumented.slice(0, 5)).toEqual([]);
}, 600_000);
