import { z } from 'zod';
import { letterDocument } from '../../../shared/dead-letters/export-letters.ts';
import { groupsDocument } from '../../../shared/dead-letters/groups-document.ts';
import { letterFilterOf, letterFilterSchema } from '../../../shared/dead-letters/replay-order.ts';
import { findLetters, listGroups, listLetters } from '../../../shared/postgres/dead-letter-search.ts';
import { cursorOf, cursorText, pageQuery } from '../http/cursor.ts';
import { HttpProblem } from '../http/problem.ts';
import { type Route, route } from '../http/route.ts';
import { reachOf, type Resources } from '../resources.ts';

const TAG = 'dead letters';
const count = z.int().min(0);
const time = z.iso.datetime();

const groupListSchema = z
  .object({
    letters: count,
    groups: z.array(
      z
        .object({
          group: z.string().describe('Fingerprint of the cause.'),
          pipeline: z.string(),
          reason: z.string(),
          error_class: z.string(),
          provider: z.string().nullable(),
          count,
          share: z.number(),
          first_seen: time,
          last_seen: time,
          came_back: count.describe('From a replay.'),
          sample: z.object({ id: z.string(), error: z.string() }),
        })
        .meta({ id: 'DeadLetterGroup' }),
    ),
  })
  .meta({ id: 'DeadLetterGroupList' });

const letterSchema = z
  .object({
    id: z.string(),
    pipeline: z.string(),
    fingerprint: z.string(),
    reason: z.string(),
    error_class: z.string(),
    provider: z.string().nullable(),
    attempts: count,
    replays: count,
    first_error: z.string(),
    first_error_at: time,
    last_error: z.string(),
    last_error_at: time,
    origin_queue: z.string(),
    lane: z.string(),
    task_id: z.string().nullable(),
    job_id: z.string().nullable(),
    owner: z.string(),
    entity_id: z.string().nullable(),
    state: z.string(),
    replaced_by: z.string().nullable(),
    body: z.unknown().describe('Parsed where it is JSON, else its text.'),
    headers: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'DeadLetter' });

const letterPageSchema = z
  .object({ data: z.array(letterSchema), next_cursor: z.string().nullable() })
  .meta({ id: 'DeadLetterPage' });

const positionSchema = z.tuple([z.number(), z.string(), z.string()]);

export const deadLetterRoutes = (resources: Resources): readonly Route[] => [
  ...listRoutes(resources),
  letterRoute(resources),
];

const listRoutes = ({ pool }: Resources): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/dead-letters/groups',
    name: 'listDeadLetterGroups',
    tag: TAG,
    summary: 'What tasks died of, the most frequent first.',
    scope: 'viewer',
    query: letterFilterSchema,
    answers: { 200: { description: 'Causes.', schema: groupListSchema } },
    handle: async ({ query, principal }) => ({
      body: groupsDocument(await listGroups(pool, letterFilterOf(query, reachOf(principal)))),
    }),
  }),
  route({
    method: 'get',
    path: '/v1/dead-letters',
    name: 'listDeadLetters',
    tag: TAG,
    summary: 'Dead letters, the newest first.',
    scope: 'viewer',
    query: letterFilterSchema.extend(pageQuery),
    answers: { 200: { description: 'One page.', schema: letterPageSchema } },
    handle: async ({ query: { limit, cursor, ...filter }, principal }) => {
      const position = cursorOf(cursor, positionSchema);
      const after = position && { diedAt: position[0], pipeline: position[1], id: position[2] };
      const page = { limit: limit + 1, ...(after && { after }) };
      const found = await listLetters(pool, letterFilterOf(filter, reachOf(principal)), page);
      const shown = found.slice(0, limit);
      const last = found.length > limit ? shown.at(-1) : undefined;
      return {
        body: {
          data: shown.map(letterDocument),
          next_cursor: last === undefined ? null : cursorText([last.diedAt, last.pipeline, last.id]),
        },
      };
    },
  }),
];

const letterRoute = ({ pool }: Resources): Route =>
  route({
    method: 'get',
    path: '/v1/dead-letters/{id}',
    name: 'getDeadLetter',
    tag: TAG,
    summary: 'One dead letter, by its id or that of its task.',
    description: 'In whatever state; two pipelines may know the same id.',
    scope: 'viewer',
    params: z.object({ id: z.string().max(300).describe('Of the letter, or of its task.') }),
    answers: {
      200: {
        description: 'The letters.',
        schema: z.object({ data: z.array(letterSchema) }).meta({ id: 'DeadLetterMatches' }),
      },
    },
    handle: async ({ params: { id }, principal }) => {
      const reach = reachOf(principal);
      const found = (await findLetters(pool, id)).filter(({ owner }) => reach === null || owner === reach);
      if (found.length === 0) throw new HttpProblem('not_found', `no dead letter '${id}'`);
      return { body: { data: found.map(letterDocument) } };
    },
  });
