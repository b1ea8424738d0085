/** A webhook over the whole path: asked for with a job, decided at its end, signed, sent, and in the log. */
import { Webhook } from 'standardwebhooks';
import { eventually } from '../harness.ts';
import { openTestPipeline, type TestPipeline } from '../pipeline.ts';
import { openReceiver, type Receiver } from '../webhook-receiver.ts';
import { startWork } from './start-work.ts';
import { openTestApi, type TestApi } from './test-api.ts';

const LONG = { timeoutMs: 40_000 };
const HERE = { WEBHOOK_TARGETS: 'any' };

let pipeline: TestPipeline;
let receiver: Receiver;
const stops: (() => Promise<void>)[] = [];

beforeEach(async () => {
  pipeline = await openTestPipeline();
  receiver = await openReceiver();
});

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await receiver.close();
  await pipeline.close();
});

async function openApi(env: Record<string, string>): Promise<TestApi> {
  const api = await openTestApi(pipeline, env);
  stops.push(() => api.close());
  return api;
}

interface Delivery {
  readonly id: string;
  readonly type: string;
  readonly status: string;
  readonly url: string | null;
  readonly tries: readonly { readonly status: number | null }[];
}

test('the end of a job is posted to its callback URL, signed with the secret of its owner, and in the log with every try', async () => {
  const api = await openApi(HERE);
  const { secret } = await api.json<{ secret: string }>('/v1/webhooks/callbacks/rotate-secret', { body: {} });
  receiver.answers.push({ status: 503, headers: { 'retry-after': '1' } });
  const records = [{ title: 'Jurassic Park', year: 1993 }];
  const job = await api.json<{ id: string; callback_url: string }>('/v1/jobs', {
    body: { pipeline: 'movies', callback_url: receiver.url, records },
    status: 202,
  });
  expect(job.callback_url).toBe(receiver.url);
  stops.push(await startWork(pipeline, HERE));
  const delivery = await eventually(async () => {
    const { data } = await api.json<{ data: Delivery[] }>(`/v1/webhooks/deliveries?job_id=${job.id}`);
    expect(data).toMatchObject([{ type: 'job.completed', status: 'delivered', url: receiver.url }]);
    return data[0]!;
  }, LONG);
  expect(delivery.tries.map(({ status }) => status)).toEqual([503, 204]);
  const bodies = receiver.requests.map(({ headers, body }) => new Webhook(secret).verify(body, headers));
  expect(bodies).toHaveLength(2);
  expect(bodies[1]).toMatchObject({ type: 'job.completed', data: { job_id: job.id, enriched: 1, total: 1 } });
  expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id']))).toEqual(
    new Set([delivery.id]),
  );
  expect(await api.json(`/v1/webhooks/deliveries?job_id=${job.id}`, { as: 'stranger' })).toMatchObject({
    data: [],
  });
  expect(api.undocumented).toEqual([]);
}, 90_000);

test('a callback URL of this machine is refused where webhooks go to public addresses alone', async () => {
  const api = await openApi({});
  const records = [{ title: 'Jurassic Park', year: 1993 }];
  const refused = await api.json('/v1/jobs', {
    body: { pipeline: 'movies', callback_url: receiver.url, records },
    status: 422,
  });
  expect(refused).toMatchObject({ errors: [{ pointer: '/callback_url' }] });
}, 60_000);
