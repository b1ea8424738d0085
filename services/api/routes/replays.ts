import { z } from 'zod';
import { insertAuditEntry } from '../../../shared/postgres/audit-log.ts';
import {
  letterFilterOf,
  type ReplayOrder,
  replayOrderSchema,
} from '../../../shared/dead-letters/replay-order.ts';
import { replayTallySchema } from '../../../shared/dead-letters/replay-tally.ts';
import { countLetters } from '../../../shared/postgres/dead-letter-search.ts';
import {
  findReplayRun,
  insertReplayRun,
  listReplayRuns,
  REPLAY_STATUSES,
  type ReplayRun,
  wantReplayCancelled,
} from '../../../shared/postgres/replay-runs.ts';
import type { Principal } from '../../../shared/access/api-key.ts';
import type { Fields } from '../../../shared/task/fields.ts';
import { HttpProblem } from '../http/problem.ts';
import { type Reply, type Route, route } from '../http/route.ts';
import { actorOf, reachOf, type Resources } from '../resources.ts';

const TAG = 'dead letters';

const replaySchema = z
  .object({
    id: z.uuid(),
    owner: z.string(),
    actor: z.string(),
    status: z.enum(REPLAY_STATUSES).describe('`stopped`: too many came back, or nothing had an outcome.'),
    is_cancel_wanted: z.boolean(),
    request: z.record(z.string(), z.unknown()),
    progress: replayTallySchema,
    error: z.string().nullable(),
    created_at: z.iso.datetime(),
    ended_at: z.iso.datetime().nullable(),
    links: z.object({ self: z.string(), cancel: z.string() }),
  })
  .meta({ id: 'Replay' });

const dryRunSchema = z
  .object({ dry_run: z.literal(true), matching: z.int(), would_replay: z.int() })
  .meta({ id: 'ReplayForecast' });

const orderSchema = replayOrderSchema.extend({
  dry_run: z.boolean().default(false).describe('Only say how many letters match.'),
});

const params = z.object({ id: z.uuid() });

export const replayRoutes = (resources: Resources): readonly Route[] => [
  beginRoute(resources),
  ...watchRoutes(resources),
];

const beginRoute = (resources: Resources): Route =>
  route({
    method: 'post',
    path: '/v1/dead-letters/replays',
    name: 'replayDeadLetters',
    tag: TAG,
    summary: 'Send dead letters on their way again.',
    description:
      'Runs by itself, on whichever process of the service is there: watch it at its address. Five letters go first; it stops when more than half of them come back.',
    scope: 'operator',
    body: orderSchema,
    answers: {
      200: { description: 'What a replay would do (`dry_run`).', schema: dryRunSchema },
      202: {
        description: 'It is under way.',
        schema: replaySchema,
        headers: { Location: 'Where to watch it.' },
      },
    },
    handle: ({ body: { dry_run: isDryRun, ...order }, principal }) =>
      isDryRun ? forecast(resources, order, principal) : begin(resources, order, principal),
  });

const watchRoutes = (resources: Resources): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/dead-letters/replays',
    name: 'listReplays',
    tag: TAG,
    summary: 'The latest replays.',
    scope: 'viewer',
    answers: {
      200: {
        description: 'At most 50.',
        schema: z.object({ data: z.array(replaySchema) }).meta({ id: 'ReplayList' }),
      },
    },
    handle: async ({ principal }) => ({
      body: { data: (await listReplayRuns(resources.pool, reachOf(principal), 50)).map(replayDocument) },
    }),
  }),
  route({
    method: 'get',
    path: '/v1/dead-letters/replays/{id}',
    name: 'getReplay',
    tag: TAG,
    summary: 'How far a replay is.',
    scope: 'viewer',
    params,
    answers: { 200: { description: 'The replay.', schema: replaySchema } },
    handle: async ({ params: { id }, principal }) => ({
      body: replayDocument(await load(resources, id, principal)),
    }),
  }),
  route({
    method: 'post',
    path: '/v1/dead-letters/replays/{id}/cancel',
    name: 'cancelReplay',
    tag: TAG,
    summary: 'Stop a replay between two letters.',
    description: 'What was sent until then is on its way; the others stay where they are.',
    scope: 'operator',
    params,
    answers: { 202: { description: 'It ends within seconds.', schema: replaySchema } },
    handle: async ({ params: { id }, principal }) => {
      await load(resources, id, principal);
      await wantReplayCancelled(resources.pool, id);
      return { status: 202, body: replayDocument(await load(resources, id, principal)) };
    },
  }),
];

async function load({ pool }: Resources, id: string, principal: Principal): Promise<ReplayRun> {
  const found = await findReplayRun(pool, id, reachOf(principal));
  if (found === undefined) throw new HttpProblem('not_found', `no replay '${id}'`);
  return found;
}

async function forecast({ pool }: Resources, order: ReplayOrder, principal: Principal): Promise<Reply> {
  const matching = await countLetters(pool, letterFilterOf(filterIn(order), reachOf(principal)));
  return { body: { dry_run: true, matching, would_replay: Math.min(matching, order.limit ?? matching) } };
}

async function begin({ pool, replays }: Resources, order: ReplayOrder, principal: Principal): Promise<Reply> {
  const filter = filterIn(order);
  const narrows = Object.keys(filter).some((name) => name !== 'pipeline');
  if (!narrows && !order.all) {
    const message = 'which dead letters? Say group, provider, reason, since or grep, or all';
    throw new HttpProblem('invalid_body', message, { faults: [{ in: 'body', pointer: '/all', message }] });
  }
  const owner = reachOf(principal);
  const actor = actorOf(principal);
  // As JSON has it: what is not said is not there.
  const request = JSON.parse(JSON.stringify({ order, owner })) as Fields;
  const matching = await countLetters(pool, letterFilterOf(filter, owner));
  const run = await insertReplayRun(pool, { owner: principal.owner, actor, request, progress: { matching } });
  await insertAuditEntry(pool, { actor, action: 'dlq.replay.asked', target: run.replayId, detail: request });
  replays.nudge();
  const document = replayDocument(run);
  return { status: 202, body: document, headers: { location: document.links.self } };
}

function filterIn({
  pipeline,
  group,
  provider,
  reason,
  since,
  grep,
}: ReplayOrder): Parameters<typeof letterFilterOf>[0] {
  const said = { pipeline, group, provider, reason, since, grep };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

function replayDocument(run: ReplayRun): z.input<typeof replaySchema> {
  const self = `/v1/dead-letters/replays/${run.replayId}`;
  return {
    id: run.replayId,
    owner: run.owner,
    actor: run.actor,
    status: run.status,
    is_cancel_wanted: run.isCancelWanted,
    request: run.request['order'] as Record<string, unknown>,
    progress: replayTallySchema.parse(run.progress),
    error: run.error,
    created_at: new Date(run.createdAt).toISOString(),
    ended_at: run.endedAt === null ? null : new Date(run.endedAt).toISOString(),
    links: { self, cancel: `${self}/cancel` },
  };
}
