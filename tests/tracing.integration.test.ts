import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDesk } from '../shared/dead-letters/desk.ts';
import { replay } from '../shared/dead-letters/replay.ts';
import { SILENT } from '../shared/observability/log.ts';
import { startTracing } from '../shared/observability/tracing.ts';
import { countLetters } from '../shared/postgres/dead-letter-search.ts';
import { EnrichmentQueuePublisher } from '../shared/publisher.ts';
import { TaskPublisher } from '../shared/rabbitmq/task-publisher.ts';
import { parseMessage } from '../shared/task/message.ts';
import { movies } from '../shared/pipelines/movies/index.ts';
import { tracks } from '../shared/pipelines/tracks/index.ts';
import { runEnrich } from './enrich-command.ts';
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

const LONG = { timeoutMs: 20_000 };
const tracesOf = (spans: readonly ReceivedSpan[]): string[] => spans.map(({ traceId }) => traceId).sort();

async function publishAndSettle(): Promise<void> {
  const publisher = new TaskPublisher({ url: pipeline.env['RABBITMQ_URL'] ?? '', name: 'test', log: SILENT });
  await publisher.connect();
  const record = { track_id: 't1', artist: 'Deadmau5', title: 'Strobe', strategy: 'merge' };
  const task = parseMessage(
    Buffer.from(JSON.stringify({ ...record, providers: ['lastfm', 'spotify'] })),
    () => tracks,
  );
  await publisher.publish(task, { prefix: tracks.prefix });
  await eventually(async () => {
    expect((await pipeline.db.query('select 1 from tracks')).rowCount).toBe(1);
  }, LONG);
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
  const letter = await eventually(async () => {
    const got = await pipeline.take('metadata_enrichment_dlq');
    if (got === false) throw new Error('no letter yet');
    return got;
  }, LONG);
  await end();
  expect(letter.properties.headers).toMatchObject({ traceparent });
  expect(receiver.bodies).toEqual([]);
}, 60_000);

test('a replay begins a trace that is linked with the one that ended in the letter', async () => {
  const { RABBITMQ_URL = '', DATABASE_URL = '' } = pipeline.env;
  await pipeline.control('POST', '/faults', { provider: 'tmdb', kind: 'contract' });
  const end = await receiver.begin();
  const worker = await pipeline.openWorker({ TMDB_ATTEMPTS: '1' });
  const publisher = new EnrichmentQueuePublisher({ url: RABBITMQ_URL });
  await publisher.connect();
  const caller = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
  const record = { movie_id: 'm1', title: 'Alien', year: 1979, pipeline: 'movies' };
  await publisher.publish(record, { traceparent: `00-${caller.traceId}-${caller.spanId}-01` });
  await publisher.close();
  const desk = await openDesk({
    rabbitmqUrl: RABBITMQ_URL,
    databaseUrl: DATABASE_URL,
    actor: 'test',
    log: SILENT,
  });
  await eventually(async () => {
    expect(await countLetters(desk.pool, {})).toBe(1);
  }, LONG);
  await pipeline.control('DELETE', '/faults');
  const request = { pipeline: movies, filter: {}, isForced: false, isWatched: true, isRefresh: false };
  const replayed = await replay(
    desk,
    { ...request, silenceMs: 15_000 },
    { signal: new AbortController().signal },
  );
  expect(replayed.outcome).toMatchObject({ enriched: 1 });
  await desk.close();
  await worker.stop();
  await end();

  const spans = receiver.spans();
  const [died, ...more] = spans.filter((span) => attribute(span, 'enrichment.outcome') === 'dead');
  expect(more).toEqual([]);
  expect(died?.traceId).toBe(caller.traceId);
  const [sent, ...others] = spans.filter(
    ({ kind, links = [] }) => kind === KIND.producer && links.length > 0,
  );
  expect(others).toEqual([]);
  expect(sent).toMatchObject({
    name: 'send enrichment:movie_enrichment_queue',
    links: [{ traceId: caller.traceId }],
  });
  expect(sent?.parentSpanId ?? '').toBe('');
  expect(sent?.traceId).not.toBe(caller.traceId);
  const linked = new Set(
    spans.filter(({ traceId }) => traceId === caller.traceId).map(({ spanId }) => spanId),
  );
  expect(linked).toContain(sent?.links?.[0]?.spanId);
  const enriched = spans.filter((span) => attribute(span, 'enrichment.outcome') === 'enriched');
  expect(tracesOf(enriched)).toEqual([sent?.traceId]);
}, 90_000);

test('a published file and a refresh begin a trace for each task, and the worker goes on in them', async () => {
  const env = {
    ...pipeline.env,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=of-the-receiver',
  };
  const folder = await mkdtemp(join(tmpdir(), 'tracing-'));
  const file = join(folder, 'movies.csv');
  await writeFile(file, 'title,year\nAlien,1979\nAvatar,2009\n');
  expect(await runEnrich(['publish', file, '--pipeline', 'movies'], env)).toMatchObject({ code: 0 });
  await rm(folder, { recursive: true });
  const [entry, backlog] = ['movie_enrichment_queue', 'movie_enrichment_backlog'];
  const published = receiver.spans();
  expect(published.map(({ name }) => name)).toEqual(Array(2).fill(`send enrichment:${entry}`));
  expect(receiver.services()).toEqual(new Set(['enrich-publish']));

  const end = await receiver.begin();
  const worker = await pipeline.openWorker();
  const count = async (): Promise<number> => (await pipeline.db.query('select 1 from movies')).rowCount ?? 0;
  await eventually(async () => {
    expect(await count()).toBe(2);
  }, LONG);
  await worker.stop();
  await end();
  const enriched = receiver.spans().filter((span) => attribute(span, 'enrichment.outcome') === 'enriched');
  expect(tracesOf(enriched)).toEqual(tracesOf(published));

  await pipeline.db.query("update movies set enrichment_timestamp = now() - interval '60 days'");
  const refreshed = await runEnrich(['refresh', '--pipeline', 'movies', '--older-than', '30d'], env);
  expect(refreshed).toMatchObject({ code: 0 });
  const sent = receiver.spans().filter(({ name }) => name === `send enrichment:${backlog}`);
  expect(new Set(tracesOf(sent)).size).toBe(2);
  expect(receiver.services()).toEqual(new Set(['enrich-publish', 'test', 'enrich-refresh']));
}, 90_000);
