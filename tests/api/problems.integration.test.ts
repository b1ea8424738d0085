/** Every documented error is produced, and none that is not. */
import { request } from 'node:http';
import { createKey } from '../../shared/access/keys.ts';
import { PROBLEMS, type ProblemCode } from '../../services/api/http/problem.ts';
import { openTestPipeline, type TestPipeline } from '../pipeline.ts';
import { openTestApi, OWNER, type TestApi } from './test-api.ts';

let pipeline: TestPipeline;
let api: TestApi;

beforeAll(async () => {
  pipeline = await openTestPipeline();
  api = await openTestApi(pipeline);
});

afterAll(async () => {
  await api.close();
  await pipeline.close();
});

const CSV = { 'content-type': 'text/csv' };
let files = 0;
const csv = (rows = 1): string =>
  `title\n${Array.from({ length: rows }, (_, index) => `Film ${++files} ${index}`).join('\n')}\n`;
const upload = (body: string, headers: Record<string, string> = {}, at = api): Promise<Response> =>
  at.ask('/v1/jobs?pipeline=movies', { method: 'POST', body, headers: { ...CSV, ...headers } });

/** Another process with other settings. */
async function withApi<T>(env: Record<string, string>, run: (at: TestApi) => Promise<T>): Promise<T> {
  const at = await openTestApi(pipeline, env);
  try {
    return await run(at);
  } finally {
    await at.close();
  }
}

const job = async (): Promise<string> => ((await (await upload(csv())).json()) as { id: string }).id;

/** One way to get each of them. */
const CASES: Readonly<Record<ProblemCode, () => Promise<Response>>> = {
  malformed_body: () =>
    api.ask('/v1/jobs', { body: '{"records":', headers: { 'content-type': 'application/json' } }),
  invalid_request: () => api.ask('/v1/jobs?limit=-1'),
  unauthenticated: () => api.ask('/v1/jobs', { as: 'nobody' }),
  forbidden: () => api.ask('/v1/providers/spotify/pause', { as: 'operator', method: 'POST', body: {} }),
  not_found: () => api.ask('/v1/nothing'),
  method_not_allowed: () => api.ask('/v1/queues', { method: 'DELETE' }),
  conflict: async () => api.ask(`/v1/jobs/${await job()}`, { method: 'DELETE' }),
  submission_running: async () => {
    const key = { 'idempotency-key': `"running-${++files}"` };
    const first = request(`${api.url}/v1/jobs?pipeline=movies`, {
      method: 'POST',
      headers: { ...CSV, ...key, authorization: `Bearer ${api.keys.operator}` },
    });
    first.on('error', () => undefined);
    first.write(csv());
    try {
      for (;;) {
        const receiving = (await (await api.ask('/v1/jobs?status=receiving')).json()) as { data: unknown[] };
        if (receiving.data.length > 0) return await upload(csv(), key);
      }
    } finally {
      first.destroy();
    }
  },
  body_too_large: () => withApi({ API_MAX_UPLOAD_BYTES: '1000' }, (at) => upload(csv(1_000), {}, at)),
  too_many_rows: () => withApi({ API_MAX_JOB_ROWS: '3' }, (at) => upload(csv(4), {}, at)),
  unsupported_media_type: () => upload('a', { 'content-type': 'application/pdf' }),
  invalid_body: () => api.ask('/v1/jobs', { body: { records: [] } }),
  idempotency_key_reused: async () => {
    const key = { 'idempotency-key': `"reused-${++files}"` };
    await upload(csv(), key);
    return upload(csv(), key);
  },
  upgrade_required: async () => api.ask(`/v1/jobs/${await job()}/ws`),
  too_many_jobs: () =>
    withApi({ API_MAX_RUNNING_JOBS: '1' }, (at) => upload(csv(), {}, at).then(() => upload(csv(), {}, at))),
  too_many_rows_waiting: () =>
    withApi({ API_MAX_WAITING_ROWS: '1' }, (at) => upload(csv(), {}, at).then(() => upload(csv(), {}, at))),
  too_many_requests: () =>
    withApi({ API_RATE_LIMIT: '1/1m' }, (at) => at.ask('/v1/jobs').then(() => at.ask('/v1/jobs'))),
  too_many_failures: () =>
    withApi({ API_FAILURE_LIMIT: '1/1m' }, async (at) => {
      await at.ask('/v1/jobs', { as: 'nobody' });
      return at.ask('/v1/jobs', { as: 'nobody' });
    }),
  internal: async () => {
    await pipeline.db.query('alter table tracks rename column provenance to hidden');
    try {
      return await api.ask('/v1/entities/tracks/x');
    } finally {
      await pipeline.db.query('alter table tracks rename column hidden to provenance');
    }
  },
  backlog_full: () =>
    withApi({ API_MAX_UNFED_TASKS: '1' }, (at) => upload(csv(), {}, at).then(() => upload(csv(), {}, at))),
  too_many_streams: () =>
    withApi({ API_MAX_STREAMS: '1' }, async (at) => {
      const path = `/v1/jobs/${await job()}/events`;
      const first = await at.ask(path);
      const second = await at.ask(path);
      await first.body?.cancel();
      return second;
    }),
  unavailable: () => withApi({ RABBITMQ_URL: 'amqp://127.0.0.1:1' }, (at) => at.ask('/v1/queues')),
};

test.each(Object.keys(PROBLEMS) as ProblemCode[])(
  '%s is answered as it is documented',
  async (code) => {
    const response = await CASES[code]();
    const problem = (await response.json()) as Record<string, unknown>;
    const [status, title] = PROBLEMS[code];
    expect(problem).toMatchObject({ code, status, title, type: `/docs/problems#${code}` });
    expect(problem['instance']).toBe(`urn:request:${response.headers.get('x-request-id')}`);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    if (status === 429 || status === 503)
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  },
  60_000,
);

test('the number of a request is given back, unless it is no number', async () => {
  const given = await api.ask('/v1/jobs', { headers: { 'x-request-id': 'my-request-1' } });
  expect(given.headers.get('x-request-id')).toBe('my-request-1');
  const odd = await api.ask('/v1/jobs', { headers: { 'x-request-id': 'a b' } });
  expect(odd.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

test('every answer says how many requests are left', async () => {
  const { headers } = await api.ask('/v1/jobs');
  expect(headers.get('ratelimit-policy')).toMatch(/^"key";q=\d+;w=\d+$/);
  expect(headers.get('ratelimit')).toMatch(/^"key";r=\d+;t=\d+$/);
});

test('a key that is revoked or over is let in no more, and one takes the place of another', async () => {
  const access = { pool: pipeline.db, actor: 'test' };
  const over = await createKey(access, {
    name: 'over',
    owner: OWNER,
    scope: 'viewer',
    expiresAt: new Date(Date.now() - 1_000),
  });
  const headers = { authorization: `Bearer ${over.text}` };
  expect((await api.ask('/v1/jobs', { as: 'nobody', headers })).status).toBe(401);
});

test('open mode lets in whoever asks for this machine by name, and nobody else', async () => {
  await withApi({ API_ACCESS: 'open' }, async (at) => {
    expect((await at.ask('/v1/jobs', { as: 'nobody' })).status).toBe(200);
    const origin = { origin: 'https://elsewhere.example' };
    expect((await at.ask('/v1/jobs', { as: 'nobody', headers: origin })).status).toBe(403);
  });
});

test('pages and contract need no key, are served from here, and allow nothing from elsewhere', async () => {
  const page = await api.ask('/docs', { as: 'nobody' });
  const html = await page.text();
  expect(html).not.toMatch(/(src|href)="https?:/);
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
  expect(page.headers.get('x-content-type-options')).toBe('nosniff');
  expect(page.headers.get('x-powered-by')).toBeNull();
  for (const path of [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path)) {
    expect({ path, status: (await api.ask(path, { as: 'nobody' })).status }).toEqual({ path, status: 200 });
  }
  const problems = await (await api.ask('/docs/problems', { as: 'nobody' })).text();
  for (const code of Object.keys(PROBLEMS)) expect(problems).toContain(`id="${code}"`);
});
