import { z } from 'zod';
import { pipelines, pipelineNamed } from '../../../shared/pipelines/registry.ts';
import { findResult } from '../../../shared/postgres/find-result.ts';
import { HttpProblem } from '../http/problem.ts';
import { type Route, route } from '../http/route.ts';
import type { Resources } from '../resources.ts';

export const PIPELINE_NAMES = pipelines.map(({ name }) => name);

/** What is known of an entity. */
export const entitySchema = z
  .object({
    id: z.string(),
    owner: z.string(),
    task_id: z.string().nullable().describe('The task that last changed it.'),
    status: z.enum(['enriched', 'not_found', 'ambiguous', 'dead', 'cancelled']).nullable(),
    partial: z.boolean().describe('A provider could not be asked: another look-up may find more.'),
    missing: z.array(z.string()).describe('The providers that `partial` is about.'),
    submitted: z.record(z.string(), z.unknown()),
    extra: z.record(z.string(), z.unknown()).describe('What came with the record and is known to nobody.'),
    enriched: z.record(z.string(), z.unknown()),
    provenance: z.record(z.string(), z.unknown()).describe('Field → provider, id, fetched_at, expires_at.'),
    match: z.unknown().describe('Score, distances and runner-up of the accepted match; null without one.'),
    source: z.string().nullable(),
    enriched_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Entity' });

export const entityRoutes = ({ pool }: Resources): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/entities/{pipeline}/{id}',
    name: 'getEntity',
    tag: 'entities',
    summary: 'What is known of one entity, with the origin of each field.',
    scope: 'viewer',
    params: z.object({
      pipeline: z.enum(PIPELINE_NAMES),
      id: z.string().max(1_000).describe('As submitted, or as it was made for a record without one.'),
    }),
    query: z.strictObject({ owner: z.string().max(200).optional().describe("For admins: somebody else's.") }),
    answers: { 200: { description: 'The entity.', schema: entitySchema } },
    handle: async ({ params: { pipeline: name, id }, query, principal }) => {
      const owner = query.owner ?? principal.owner;
      const pipeline = pipelineNamed(name);
      const isReached = principal.scope === 'admin' || owner === principal.owner;
      const found =
        pipeline === undefined || !isReached || id.includes('\0')
          ? undefined
          : await findResult(pool, pipeline.table, { owner, id });
      if (found === undefined) throw new HttpProblem('not_found', `nothing is known of '${id}' in ${name}`);
      return { body: found };
    },
  }),
];
