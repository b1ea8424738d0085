import { SILENT } from '../shared/observability/log.ts';
import { startTracing } from '../shared/observability/tracing.ts';
import { TaskPublisher } from '../shared/rabbitmq/task-publisher.ts';
import { parseMessage } from '../shared/task/message.ts';
import { tracks } from '../shared/pipelines/tracks/index.ts';
import { eventually } from './harness.ts';
import { openTestPipeline, type TestPipeline } from './pipeline.ts';
import { attribute, KIND, openSpanReceiver, type ReceivedSpan, type SpanReceiver } from './span-receiver.ts';

let pipeline: TestPipeline;
let receiver: SpanReceiver;

beforeEach(async () => {
  pipeline = await openTestPipeline();
  receiver = await openSpanReceiver();
});

afterEach(async () => {
  await pipeline.close();
  receiver.close();
});

async function publishAndSettle(): Promise<void> {
  const publisher = new TaskPublisher({ url: pipeline.env['RABBITMQ_URL'] ?? '', name: 'test', log: SILENT });
  await publisher.connect();
  const record = { track_id: 't1', artist: 'Deadmau5', title: 'Strobe', strategy: 'merge' };
  const task = parseMessage(
    Buffer.from(JSON.stringify({ ...record, providers: ['lastfm', 'spotify'] })),
    () => tracks,
  );
  await publisher.publish(task, { prefix: tracks.prefix });
  await eventually(
    async () => {
      expect((await pipeline.db.query('select 1 from tracks')).rowCount).toBe(1);
    },
    { timeoutMs: 20_000 },
  );
  await publisher.close();
}

test('a task that asks two providers, one of them twice, is one trace from its publishing to the commit', async () => {
  await pipeline.control('POST', '/faults', { provider: 'lastfm', kind: 'reset_before_headers', count: 1 });
  const end = await receiver.begin();
  const worker = await pipeline.openWorker();
  await publishAndSettle();
  await worker.stop();
  await end();

  expect(new Set(receiver.requests)).toEqual(new Set(['POST /v1/traces of-the-receiver']));
  const spans = receiver.spans();
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const parentOf = ({ parentSpanId = '' }: ReceivedSpan): ReceivedSpan | undefined => byId.get(parentSpanId);
  const roots = spans.filter((span) => parentOf(span) === undefined);
  expect(roots).toMatchObject([{ name: 'send enrichment:metadata_enrichment_queue', kind: KIND.producer }]);

  const processed = spans.filter(({ kind }) => kind === KIND.consumer);
  for (const span of processed) expect(parentOf(span)).toMatchObject({ kind: KIND.producer });
  const outcomes = processed.map((span) => attribute(span, 'enrichment.outcome'));
  expect(outcomes.sort()).toEqual(['enriched', 'forwarded', 'forwarded', 'retried']);

  const failed = processed.find((span) => attribute(span, 'enrichment.outcome') === 'retried');
  const again = processed.filter(({ links = [] }) => links.length > 0);
  expect(again).toHaveLength(1);
  expect(again[0]?.links).toMatchObject([{ traceId: failed?.traceId, spanId: failed?.spanId }]);
  expect(again[0]?.parentSpanId).toBe(failed?.parentSpanId);

  const requests = spans.filter((span) => attribute(span, 'http.request.method') === 'GET');
  expect(new Set(requests.map((span) => attribute(span, 'enrichment.provider')))).toEqual(
    new Set(['lastfm', 'spotify']),
  );
  for (const span of requests) {
    expect(span.kind).toBe(KIND.client);
    expect(parentOf(span)?.name).toBe(`look up ${String(attribute(span, 'enrichment.provider'))}`);
    expect(attribute(span, 'url.full')).not.toContain('?');
  }
  const statuses = requests.map((span) => attribute(span, 'http.response.status_code'));
  expect(statuses).toContain(200);
  expect(requests.filter((span) => attribute(span, 'error.type') === 'unavailable')).toHaveLength(1);
  const commit = spans.find(({ name }) => name === 'COMMIT');
  expect(commit && attribute(parentOf(commit), 'enrichment.outcome')).toBe('enriched');
  for (const secret of ['api_key', 'sandbox-lastfm', 'sandbox-spotify', 'Bearer'])
    expect(receiver.bodies.join()).not.toContain(secret);
}, 60_000);

test('without tracing a message keeps the context that its publisher gave it, and nothing is sent', async () => {
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  for (const provider of tracks.chain)
    await pipeline.control('POST', '/faults', { provider, kind: 'contract' });
  const end = await startTracing(
    { tracesEndpoint: '', tracesHeaders: '' },
    { service: 'test', version: '1', processId: 'test-1', log: SILENT },
  );
  await pipeline.openWorker(
    Object.fromEntries(tracks.chain.map((provider) => [`${provider.toUpperCase()}_ATTEMPTS`, '1'])),
  );
  const body = Buffer.from(JSON.stringify({ track_id: 't1', artist: 'Deadmau5', title: 'Strobe' }));
  pipeline.channel.sendToQueue('metadata_enrichment_queue', body, { headers: { traceparent } });
  const letter = await eventually(
    async () => {
      const got = await pipeline.take('metadata_enrichment_dlq');
      if (got === false) throw new Error('no letter yet');
      return got;
    },
    { timeoutMs: 20_000 },
  );
  await end();
  expect(letter.properties.headers).toMatchObject({ traceparent });
  expect(receiver.bodies).toEqual([]);
}, 60_000);
