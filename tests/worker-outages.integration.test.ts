import { eventually } from './harness.ts';
import { TcpProxy } from './faults/tcp-proxy.ts';
import { openTestPipeline, type TestPipeline } from './pipeline.ts';

const ENTRY = 'metadata_enrichment_queue';
const LONG = { timeoutMs: 15_000 };

let pipeline: TestPipeline;
let proxy: TcpProxy;

beforeEach(async () => {
  pipeline = await openTestPipeline();
});

afterEach(async () => {
  await pipeline.close();
  await proxy.close();
});

const strobe = (id: string) => ({ track_id: id, artist: 'Deadmau5', title: 'Strobe' });

async function proxied(url: string): Promise<string> {
  const address = new URL(url);
  proxy = await TcpProxy.open({ host: address.hostname, port: Number(address.port) });
  address.port = String(proxy.port);
  return address.href;
}

async function rows(): Promise<number> {
  const { rows: found } = await pipeline.db.query<{ count: number }>('select count(*)::int from tracks');
  return found[0]?.count ?? 0;
}

const settled = (count: number): Promise<void> =>
  eventually(async () => {
    expect(await rows()).toBe(count);
  }, LONG);

const consumers = async (): Promise<number> => (await pipeline.channel.checkQueue(ENTRY)).consumerCount;

test('while Postgres is away nothing new is taken; when it is back everything is written', async () => {
  const worker = await pipeline.openWorker({
    DATABASE_URL: await proxied(pipeline.env['DATABASE_URL'] ?? ''),
  });
  await pipeline.send(ENTRY, strobe('first'));
  await settled(1);
  proxy.set({ refuse: true });
  proxy.reset();
  await pipeline.send(ENTRY, ...Array.from({ length: 20 }, (_, at) => strobe(`held-${at}`)));
  await eventually(async () => {
    expect(await consumers()).toBe(0);
  }, LONG);
  await pipeline.send(ENTRY, ...Array.from({ length: 50 }, (_, at) => strobe(`waits-${at}`)));
  expect(await pipeline.depth(ENTRY)).toBe(50);
  expect(worker.readiness().ok).toBe(false);
  expect(worker.health().ok).toBe(true);
  proxy.set({});
  await settled(71);
  expect(await consumers()).toBe(1);
  expect(worker.readiness().ok).toBe(true);
});

test('a Redis that hangs costs a task time, and nothing else', async () => {
  await pipeline.openWorker({ REDIS_URL: await proxied(pipeline.env['REDIS_URL'] ?? '') });
  await pipeline.send(ENTRY, strobe('first'));
  await settled(1);
  proxy.set({ stall: 'both' });
  await pipeline.send(ENTRY, ...Array.from({ length: 20 }, (_, at) => strobe(`t${at}`)));
  await settled(21);
});
