/** A provider that refuses whatever it is asked: its address is wrong, or our access was taken away. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from './harness.ts';
import { openTestPipeline, type TestPipeline } from './pipeline.ts';

const ENTRY = 'movie_enrichment_queue';
const LONG = { timeoutMs: 20_000 };
const TASKS = 30;

let pipeline: TestPipeline;
let stranger: Server;
beforeEach(async () => {
  pipeline = await openTestPipeline();
  stranger = createServer((_, response) => {
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"no such page"}');
  });
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await pipeline.close();
  await new Promise((resolve) => stranger.close(resolve));
});

test('its tasks wait behind an open circuit, and are enriched once the address is right', async () => {
  const { port } = stranger.address() as AddressInfo;
  const wrong = { TMDB_TOKEN: 'made-up', TMDB_URL: `http://127.0.0.1:${port}` };
  const lost = await pipeline.openWorker(wrong);
  const movies = Array.from({ length: TASKS }, (_, at) => ({
    movie_id: `m${at}`,
    title: `Nothing of the kind ${at}`,
  }));
  await pipeline.send(ENTRY, ...movies);
  await eventually(async () => {
    const refused = await lost.metrics.apiCalls.get();
    const counts = refused.values.filter(({ labels }) => labels.outcome === 'bad_request');
    expect(counts.reduce((sum, { value }) => sum + value, 0)).toBeGreaterThanOrEqual(5);
  }, LONG);
  await lost.stop();
  expect(await pipeline.depth('movie_enrichment_dlq')).toBe(0);
  await pipeline.openWorker();
  await eventually(
    async () => {
      const { rows } = await pipeline.db.query<{ enrichment_status: string }>(
        'select enrichment_status from movies',
      );
      expect(rows.map((row) => row.enrichment_status)).toEqual(Array<string>(TASKS).fill('not_found'));
    },
    { timeoutMs: 60_000 },
  );
});
