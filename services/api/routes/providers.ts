import { z } from 'zod';
import { listProviderReports } from '../../../shared/controls/list-provider-reports.ts';
import { holdProvider, releaseProvider, setProviderRate } from '../../../shared/controls/order-provider.ts';
import { CONDITIONS } from '../../../shared/controls/provider-report.ts';
import { providersDocument } from '../../../shared/controls/provider-document.ts';
import { listLanePauses } from '../../../shared/postgres/lane-pauses.ts';
import { listProviders } from '../../../shared/providers/registry.ts';
import { UNTIL_RESUMED } from '../../../shared/redis/gate-slot.ts';
import { parseRate } from '../../../shared/runtime/environment.ts';
import { HttpProblem } from '../http/problem.ts';
import { type Route, route } from '../http/route.ts';
import { actorOf, controlsOf, type Resources } from '../resources.ts';
import { pauseBody, pauseSchema } from './pause.ts';

const TAG = 'providers';
const count = z.int().min(0);

const providerSchema = z
  .object({
    provider: z.string(),
    mode: z.enum(['live', 'sandbox', 'off']),
    state: z.enum(CONDITIONS),
    why: z.string().describe('Empty while it is open.'),
    left_s: count.nullable().describe('Until it opens by itself.'),
    workers: count,
    rate: z.string().describe('In force, for all workers together: requests and milliseconds.'),
    rate_set: z.boolean().describe('By somebody, in place of the configured one.'),
    learned_factor: z.number().describe('Share of the rate that is used after a 429.'),
    requests_last_minute: count,
    allowed_per_minute: count,
    errors_last_minute: count,
    in_flight: count,
    waiting: z.object({ priority: count.nullable(), backlog: count.nullable() }),
    eta_s: count.nullable().describe('Until what waits is asked, at the rate in force; null = not known.'),
    requests_today: count,
    cost_today_usd: z.number().describe('Of these requests, at the price of now.'),
    daily_budget: count.nullable(),
    hit_ratio: z.number().nullable().describe('Answers of the last minute that came from the cache.'),
    p50_ms: count.nullable(),
    p95_ms: count.nullable(),
  })
  .meta({ id: 'Provider' });

const providerListSchema = z
  .object({
    paused: z.array(pauseSchema).describe('Lanes that workers do not serve.'),
    providers: z.array(providerSchema),
  })
  .meta({ id: 'ProviderList' });

const params = z.object({ provider: z.string().describe('One of the names in the list.') });

const rateBody = z.strictObject({
  rate: z
    .string()
    .nullable()
    .refine((raw) => raw === null || isRate(raw), 'expected requests by time, such as 10/s or 30/30s')
    .describe('Such as `10/s` or `30/30s`; null = as configured.'),
});

const orderedSchema = z
  .object({
    provider: z.string(),
    held_until: z.iso.datetime().nullable(),
    is_held: z.boolean(),
    rate: z.string().nullable(),
  })
  .meta({ id: 'ProviderOrders' });

export function providerRoutes(resources: Resources): readonly Route[] {
  return [listRoute(resources), ...orderRoutes(resources)];
}

const listRoute = (resources: Resources): Route =>
  route({
    method: 'get',
    path: '/v1/providers',
    name: 'listProviders',
    tag: TAG,
    summary: 'How providers and lanes do.',
    scope: 'viewer',
    answers: { 200: { description: 'All providers.', schema: providerListSchema } },
    handle: async () => {
      const { consuming: connection, configured, pool, redis } = resources;
      const reports = await listProviderReports({ pool, redis, connection, configured });
      return { body: providersDocument(reports, await listLanePauses(pool)) };
    },
  });

const orderRoutes = (resources: Resources): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/providers/{provider}/pause',
    name: 'pauseProvider',
    tag: TAG,
    summary: 'Let no worker ask a provider.',
    description: 'What waits for it waits on; tasks that others can answer pass it by after a while.',
    scope: 'admin',
    params,
    body: pauseBody,
    answers: { 200: { description: 'It is paused.', schema: orderedSchema } },
    handle: async ({ params: { provider }, body, principal }) => {
      checkProvider(provider);
      const until = body.for_s === undefined ? UNTIL_RESUMED : Date.now() + body.for_s * 1_000;
      const reason = body.reason ?? `paused by ${actorOf(principal)}`;
      const { after } = await holdProvider(controlsOf(resources, principal), provider, { until, reason });
      return { body: orderedDocument(provider, after) };
    },
  }),
  route({
    method: 'post',
    path: '/v1/providers/{provider}/resume',
    name: 'resumeProvider',
    tag: TAG,
    summary: 'Take back what pause said.',
    description: 'A Retry-After, a quota or an open circuit of the provider stays in force.',
    scope: 'admin',
    params,
    answers: { 200: { description: 'It is not paused by hand any more.', schema: orderedSchema } },
    handle: async ({ params: { provider }, principal }) => {
      checkProvider(provider);
      const { after } = await releaseProvider(controlsOf(resources, principal), provider);
      return { body: orderedDocument(provider, after) };
    },
  }),
  route({
    method: 'put',
    path: '/v1/providers/{provider}/rate',
    name: 'setProviderRate',
    tag: TAG,
    summary: 'Ask a provider faster or slower than configured.',
    scope: 'admin',
    params,
    body: rateBody,
    answers: { 200: { description: 'Every worker obeys from its next request on.', schema: orderedSchema } },
    handle: async ({ params: { provider }, body: { rate }, principal }) => {
      checkProvider(provider);
      const { after } = await setProviderRate(controlsOf(resources, principal), provider, rate ?? '');
      return { body: orderedDocument(provider, after) };
    },
  }),
];

function checkProvider(name: string): void {
  const known = listProviders();
  if (!known.includes(name))
    throw new HttpProblem('not_found', `no provider '${name}', only ${known.join(', ')}`);
}

const orderedDocument = (
  provider: string,
  { heldUntil, rate }: { readonly heldUntil: number; readonly rate: string },
): z.input<typeof orderedSchema> => ({
  provider,
  is_held: heldUntil > Date.now(),
  held_until: heldUntil > Date.now() && heldUntil < UNTIL_RESUMED ? new Date(heldUntil).toISOString() : null,
  rate: rate === '' ? null : rate,
});

function isRate(raw: string): boolean {
  try {
    parseRate(raw);
    return true;
  } catch {
    return false;
  }
}
