/** Deliveries on a real database, to a real HTTP receiver, checked with the library that receivers use. */
import { Webhook } from 'standardwebhooks';
import { SILENT } from '../../shared/observability/log.ts';
import { openMetrics } from '../../shared/observability/metrics.ts';
import { acceptJob } from '../../shared/postgres/jobs/accept-job.ts';
import { openSubmission } from '../../shared/postgres/jobs/open-submission.ts';
import { openPool, type Pool } from '../../shared/postgres/pool.ts';
import { claimDeliveries, queueProgress } from '../../shared/postgres/webhooks/claim-deliveries.ts';
import {
  listDeliveries,
  queueTestDelivery,
  sendAgain,
  type WebhookDelivery,
} from '../../shared/postgres/webhooks/deliveries.ts';
import {
  findEndpoint,
  insertEndpoint,
  rotateSecret,
  secretsFor,
} from '../../shared/postgres/webhooks/endpoints.ts';
import { makeSecret } from '../../shared/webhooks/signature.ts';
import type { TargetPolicy } from '../../shared/webhooks/target-policy.ts';
import { eventually, openTestDatabase, type TestDatabase } from '../../tests/harness.ts';
import { openReceiver, type Receiver } from '../../tests/webhook-receiver.ts';
import { deliverWebhooks } from './deliver-webhooks.ts';

let database: TestDatabase;
let pool: Pool;
let receiver: Receiver;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
  pool = openPool({ url: database.url, max: 4, applicationName: 'test' });
});

beforeEach(async () => {
  receiver = await openReceiver();
});

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await receiver.close();
  await pool.query('truncate webhook_endpoints, webhook_deliveries, background_jobs');
});

afterAll(async () => {
  await pool.end();
  await database.close();
});

function start(policy: TargetPolicy = 'any'): () => Promise<void> {
  const stopping = new AbortController();
  const rate = { count: 100, windowMs: 1_000 };
  const metrics = openMetrics({ version: '1', service: 'test' });
  const done = deliverWebhooks({ pool, metrics, log: SILENT, stopping: stopping.signal, policy, rate });
  const stop = async (): Promise<void> => {
    stopping.abort();
    await done;
  };
  stops.push(stop);
  return stop;
}

async function endpoint(url = receiver.url, events = ['job.failed']): Promise<string> {
  const made = await insertEndpoint(
    pool,
    { owner: 'ann', url, description: '', events, secret: makeSecret(), createdBy: 'test' },
    20,
  );
  return made?.endpointId ?? '';
}

/** A job without a single task: its end is its acceptance. */
async function endJob(callback?: string): Promise<string> {
  const submission = await openSubmission(pool, {
    owner: 'ann',
    pipeline: 'movies',
    lane: 'priority',
    priority: 5,
    strategy: 'first',
    ...(callback !== undefined && { callback: { url: callback } }),
  });
  if (submission.kind !== 'opened') throw new Error(submission.kind);
  const { receiving } = submission;
  const { job } = await acceptJob(pool, receiving, { fingerprint: receiving.jobId, isOnce: false });
  return job.jobId;
}

const deliveries = (): Promise<readonly WebhookDelivery[]> =>
  listDeliveries(pool, { owner: 'ann' }, { limit: 50 });

const only = async (): Promise<WebhookDelivery> => {
  const [first, ...more] = await deliveries();
  if (first === undefined || more.length > 0) throw new Error(`${1 + more.length} deliveries`);
  return first;
};

const until = (expected: Partial<WebhookDelivery>): Promise<WebhookDelivery> =>
  eventually(async () => {
    const delivery = await only();
    expect(delivery).toMatchObject(expected);
    return delivery;
  });

/** As if the time until the next try were over. */
const hurry = (): Promise<unknown> => pool.query('update webhook_deliveries set next_at = now()');

test('the end of a job is told to its endpoint once, with a signature that the published library accepts', async () => {
  const endpointId = await endpoint();
  const jobId = await endJob();
  start();
  start();
  const { deliveryId, tries } = await until({ status: 'delivered' });
  expect(receiver.requests).toHaveLength(1);
  const { headers, body } = receiver.requests[0]!;
  const [secret = ''] = await secretsFor(pool, 'ann', endpointId);
  expect(new Webhook(secret).verify(body, headers)).toMatchObject({
    type: 'job.failed',
    data: { job_id: jobId, pipeline: 'movies', status: 'failed', total: 0 },
  });
  expect(() => new Webhook(makeSecret()).verify(body, headers)).toThrow('No matching signature');
  expect(headers['webhook-id']).toBe(deliveryId);
  expect(tries).toMatchObject([{ status: 204, error: null }]);
});

test('a callback URL is told as well, signed with the secret of the owner', async () => {
  await endJob(receiver.url);
  start();
  await until({ status: 'delivered', endpointId: null, url: receiver.url });
  const { headers, body } = receiver.requests[0]!;
  const [secret = ''] = await secretsFor(pool, 'ann', null);
  expect(new Webhook(secret).verify(body, headers)).toMatchObject({ type: 'job.failed' });
});

test('what nobody asked for is not queued, and a disabled endpoint is told nothing', async () => {
  await endpoint(receiver.url, ['job.completed']);
  const disabled = await endpoint();
  await pool.query('update webhook_endpoints set is_enabled = false where endpoint_id = $1', [disabled]);
  await endJob();
  expect(await deliveries()).toEqual([]);
});

test('while a secret is changed both sign', async () => {
  const endpointId = await endpoint();
  const [old = ''] = await secretsFor(pool, 'ann', endpointId);
  const secret = makeSecret();
  await rotateSecret(pool, { endpointId, owner: 'ann' }, { secret, overlapSeconds: 60 });
  await endJob();
  start();
  await until({ status: 'delivered' });
  const { headers, body } = receiver.requests[0]!;
  for (const one of [old, secret]) expect(() => new Webhook(one).verify(body, headers)).not.toThrow();
  await pool.query('update webhook_endpoints set previous_until = now()');
  expect(await secretsFor(pool, 'ann', endpointId)).toEqual([secret]);
});

test('a try that fails is repeated under the same id with the same body, not before what the receiver asked for', async () => {
  receiver.answers.push({ status: 503, headers: { 'retry-after': '120' } }, { status: 204 });
  await endpoint();
  await endJob();
  start();
  const waiting = await until({ status: 'pending', attempts: 1 });
  expect(waiting.nextAt.getTime() - Date.now()).toBeGreaterThan(110_000);
  await hurry();
  await until({ status: 'delivered', attempts: 2 });
  const [first, second] = receiver.requests;
  expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  expect(second?.body).toBe(first?.body);
});

test('a sender that dies after sending is followed by another, which sends the same message again', async () => {
  const endpointId = await endpoint();
  await endJob();
  const [claimed] = await claimDeliveries(pool, {
    claim: '00000000-0000-4000-8000-000000000000',
    limit: 10,
    perTarget: 2,
    busy: [],
  });
  // Sent by the one that died; what came of it was never written down.
  await fetch(receiver.url, { method: 'POST', headers: { 'webhook-id': claimed?.deliveryId ?? '' } });
  start();
  await queueTestDelivery(pool, endpointId, 'ann');
  await eventually(() => {
    expect(receiver.requests).toHaveLength(2);
  });
  // Claimed by somebody who may be alive: nobody else sends it.
  expect(receiver.requests[1]?.body).toContain('webhook.test');
  await pool.query(
    `update webhook_deliveries set claimed_until = now() - interval '1 s' where claim is not null`,
  );
  await eventually(() => {
    expect(receiver.requests).toHaveLength(3);
  });
  expect(receiver.requests[2]?.headers['webhook-id']).toBe(claimed?.deliveryId);
});

test('a redirect is not followed: it is a failure', async () => {
  const elsewhere = await openReceiver();
  receiver.answers.push({ status: 302, headers: { location: elsewhere.url } });
  await endpoint();
  await endJob();
  start();
  const { tries } = await until({ status: 'pending', attempts: 1 });
  expect(tries).toMatchObject([{ status: 302 }]);
  expect(elsewhere.requests).toEqual([]);
  await elsewhere.close();
});

test.each([
  'http://127.0.0.1:1/',
  'https://localhost/',
  'https://[::ffff:127.0.0.1]/',
  'https://169.254.169.254/',
])('a place inside is never connected to: %s', async (url) => {
  await endpoint(url);
  await endJob();
  start('public');
  const { tries } = await until({ status: 'failed', attempts: 1 });
  expect(tries[0]?.error).toMatch(/^refused: /);
});

test('an endpoint that is gone is disabled, and so is one that was heard of last days ago', async () => {
  receiver.answers.push({ status: 410 }, { status: 500 });
  const gone = await endpoint();
  await endJob();
  start();
  await until({ status: 'failed' });
  await eventually(async () => {
    expect(await findEndpoint(pool, gone, 'ann')).toMatchObject({
      isEnabled: false,
      disabledReason: 'it answered 410 Gone',
    });
  });
  await pool.query(
    `update webhook_endpoints set is_enabled = true, disabled_reason = null, failing_since = now() - interval '4 days'`,
  );
  const { deliveryId } = await only();
  await sendAgain(pool, deliveryId, 'ann');
  await pool.query('update webhook_deliveries set attempts = 9');
  await until({ status: 'failed', attempts: 10 });
  await eventually(async () => {
    expect(await findEndpoint(pool, gone, 'ann')).toMatchObject({ isEnabled: false });
  });
});

test('a target that does not answer holds up no other, and a process that stops gives back what it held', async () => {
  receiver.hold();
  await endpoint();
  for (let n = 0; n < 10; n += 1) await endJob();
  const quick = await openReceiver();
  const stop = start();
  await eventually(() => {
    expect(receiver.requests).toHaveLength(2);
  });
  await queueTestDelivery(pool, await endpoint(quick.url), 'ann');
  await eventually(() => {
    expect(quick.requests).toHaveLength(1);
  });
  expect(receiver.requests).toHaveLength(2);
  await stop();
  const { rows } = await pool.query('select from webhook_deliveries where claim is not null or attempts > 1');
  expect(rows).toEqual([]);
  await quick.close();
});

test('progress is queued for those who asked, once while nothing moves', async () => {
  await endpoint(receiver.url, ['job.progress']);
  await endpoint(receiver.url, ['job.completed']);
  const jobId = await endJob();
  await pool.query(`update background_jobs set status = 'running', total_items = 10, processed_items = 3`);
  expect(await queueProgress(pool, 0)).toBe(1);
  expect(await queueProgress(pool, 0)).toBe(0);
  await pool.query('update background_jobs set processed_items = 4');
  expect(await queueProgress(pool, 60)).toBe(0);
  expect(await queueProgress(pool, 0)).toBe(1);
  expect(await deliveries()).toMatchObject([
    { jobId, type: 'job.progress', payload: { processed: 4 } },
    { payload: { processed: 3 } },
  ]);
});
