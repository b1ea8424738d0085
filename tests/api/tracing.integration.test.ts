/** The spans of the HTTP API, as a collector gets them. */
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { openTestPipeline, type TestPipeline } from '../pipeline.ts';
import { attribute, FAILED, KIND, openSpanReceiver, type SpanReceiver } from '../span-receiver.ts';
import { openTestApi, type TestApi } from './test-api.ts';

const JOB = '00000000-0000-4000-8000-000000000000';
const TRACE = 'a'.repeat(32);
const CALLER = 'b'.repeat(16);

let pipeline: TestPipeline;
let api: TestApi;
let receiver: SpanReceiver;
let end: () => Promise<void>;

beforeAll(async () => {
  pipeline = await openTestPipeline();
});

beforeEach(async () => {
  receiver = await openSpanReceiver();
  end = await receiver.begin();
  api = await openTestApi(pipeline);
});

afterEach(async () => {
  await api.close();
  await end();
  receiver.close();
});

afterAll(async () => {
  await pipeline.close();
});

/** Ends the service and the tracing, so that all spans are there. */
async function spansInTheEnd(): Promise<ReturnType<SpanReceiver['spans']>> {
  await api.close();
  await end();
  return receiver.spans().filter(({ kind }) => kind === KIND.server);
}

test('a request is a span of its route and status in the trace of its caller, and holds nothing that was asked for', async () => {
  const headers = { traceparent: `00-${TRACE}-${CALLER}-01`, 'x-request-id': 'number-of-the-request' };
  await api.json('/v1/jobs?label=what-is-asked-for', { headers });
  await api.json(`/v1/jobs/${JOB}`, { status: 404 });
  await api.json('/v1/not-a-path', { status: 404 });
  await api.json('/v1/jobs', { as: 'nobody', status: 401, headers: { traceparent: 'no context' } });

  const spans = await spansInTheEnd();
  const told = spans.map((span) => ({
    name: span.name,
    method: attribute(span, 'http.request.method'),
    route: attribute(span, 'http.route'),
    status: attribute(span, 'http.response.status_code'),
  }));
  expect(told).toEqual([
    { name: 'GET /v1/jobs', method: 'GET', route: '/v1/jobs', status: 200 },
    { name: 'GET /v1/jobs/:id', method: 'GET', route: '/v1/jobs/:id', status: 404 },
    { name: 'GET', method: 'GET', route: undefined, status: 404 },
    { name: 'GET /v1/jobs', method: 'GET', route: '/v1/jobs', status: 401 },
  ]);
  const [first, ...others] = spans;
  expect(first).toMatchObject({ traceId: TRACE, parentSpanId: CALLER });
  expect(attribute(first, 'enrichment.request_id')).toBe('number-of-the-request');
  expect(attribute(first, 'url.scheme')).toBe('http');
  for (const span of others) {
    expect(span.traceId).not.toBe(TRACE);
    expect(span.parentSpanId ?? '').toBe('');
  }
  for (const span of spans) expect(span.status.code ?? 0).toBe(0);
  const sent = receiver.bodies.join();
  for (const secret of [...Object.values(api.keys), 'what-is-asked-for', JOB, 'not-a-path', 'Bearer'])
    expect(sent).not.toContain(secret);
}, 60_000);

test('a request that the service cannot answer fails by the code of its problem', async () => {
  await pipeline.db.query('alter table background_jobs rename to gone');
  await api.json('/v1/jobs', { status: 500 });
  await pipeline.db.query('alter table gone rename to background_jobs');
  const [span] = await spansInTheEnd();
  expect(span?.status.code).toBe(FAILED);
  expect(attribute(span, 'error.type')).toBe('internal');
  expect(attribute(span, 'http.response.status_code')).toBe(500);
  expect(receiver.bodies.join()).not.toContain('background_jobs');
}, 60_000);

test('a method that HTTP does not define makes no name of its own', async () => {
  const { hostname, port } = new URL(api.url);
  const asked = httpRequest({ hostname, port, path: '/v1/jobs', method: 'PURGE' });
  asked.end();
  const [response] = (await once(asked, 'response')) as [NodeJS.ReadableStream & { statusCode: number }];
  response.resume();
  await once(response, 'end');
  const [span] = await spansInTheEnd();
  expect(span?.name).toBe('HTTP /v1/jobs');
  expect(attribute(span, 'http.request.method')).toBe('_OTHER');
  expect(attribute(span, 'http.response.status_code')).toBe(response.statusCode);
}, 60_000);
