import { z } from 'zod';
import { sumUsage } from '../../../shared/postgres/jobs/sum-usage.ts';
import { type Route, route } from '../http/route.ts';
import { reachOf, type Resources } from '../resources.ts';

const count = z.int().min(0);

const usageSchema = z
  .object({
    days: count,
    data: z.array(
      z.object({
        day: z.iso.date().describe('Of the submission, in UTC.'),
        owner: z.string(),
        pipeline: z.string(),
        jobs: count,
        tasks: count,
        enriched: count,
        failed: count,
        requests: count.describe('To providers.'),
        cost_usd: z.number(),
      }),
    ),
  })
  .meta({ id: 'Usage' });

export const usageRoutes = ({ pool }: Resources): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/usage',
    name: 'getUsage',
    tag: 'usage',
    summary: 'What jobs have used, by day, owner and pipeline.',
    scope: 'viewer',
    query: z.strictObject({ days: z.coerce.number().int().min(1).max(366).default(30) }),
    answers: { 200: { description: 'The newest day first.', schema: usageSchema } },
    handle: async ({ query: { days }, principal }) => ({
      body: { days, data: await sumUsage(pool, reachOf(principal), days) },
    }),
  }),
];
