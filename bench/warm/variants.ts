/** The warm scenario in other circumstances, each held against the usual one in the same run. */
import { randomUUID } from 'node:crypto';
import { deleteLanePause, saveLanePause } from '../../shared/postgres/lane-pauses.ts';
import { jobTaskId } from '../../shared/task/job-task-id.ts';
import type { BenchSystem } from '../bench-system.ts';
import { makeSlow } from '../slow-provider.ts';
import { ENTRY_QUEUE } from './bench-queue.ts';
import { type Arena, type Contender, pipelineContender, type PipelineOptions } from './contenders.ts';
import type { Standing } from './contest.ts';
import { heldContest, type WarmOptions } from './warm.ts';

/** What each variant is held against comes first. */
const VARIANTS = {
  jobs: (arena) => [pipelineContender(arena), ofOneJob(arena)],
  quorum: (arena) => [onQueueOf(arena, 'classic'), onQueueOf(arena, 'quorum')],
  prefetch: (arena) => [500, 1_000, 100, 10, 1].map((prefetch) => withPrefetch(arena, prefetch)),
  workers: (arena) => [1, 2, 4, 8].map((workers) => upFirst(arena, pipelineContender(arena, named(workers)))),
  sizes: (arena) => [0, 1_024, 4_096, 65_536].map((bytes) => withExtra(arena, bytes)),
  mixed: (arena) => [pipelineContender(arena), partlyCold(arena)],
} satisfies Record<string, (arena: Arena) => Contender[]>;

/** A run that is killed in between leaves no pause for longer. */
const LONGEST_FILL_MS = 600_000;

type Variant = keyof typeof VARIANTS;
export const VARIANT_NAMES = Object.keys(VARIANTS) as readonly Variant[];

export const measureVariant = (
  system: BenchSystem,
  variant: Variant,
  options: Omit<WarmOptions, 'only'>,
): Promise<Standing[]> => heldContest(system, options, async (arena) => VARIANTS[variant](arena));

/** Every task is one of the same job, whose row all of them meet at. */
function ofOneJob(arena: Arena): Contender {
  const contender = pipelineContender(arena, { name: 'pipeline, tasks of a job' });
  return {
    ...contender,
    fill: async (bodies) => {
      const jobId = randomUUID();
      const { db } = arena.system;
      await db.query(
        `insert into background_jobs (job_id, job_type, status, total_items, fed_items)
         values ($1, 'tracks', 'running', $2, $2)`,
        [jobId, bodies.length],
      );
      await db.query(
        `insert into job_tasks (job_id, seq, line, entity_id, payload)
         select $1, n, n, n::text, '{}' from generate_series(1, $2::int) as n`,
        [jobId, bodies.length],
      );
      await contender.fill(
        bodies.map((body, at) =>
          extended(body, { job_id: jobId, task_id: jobTaskId({ jobId, seq: at + 1 }) }),
        ),
      );
    },
  };
}

/** The entry queue is made anew of this type, and afterwards as it was: with what is routed to it. */
function onQueueOf(arena: Arena, type: 'classic' | 'quorum'): Contender {
  const contender = pipelineContender(arena, { name: `pipeline, ${type} queue` });
  return {
    ...contender,
    fill: async (bodies) => {
      await arena.queue.remake(ENTRY_QUEUE, type);
      await contender.fill(bodies);
    },
    start: async () => {
      const stop = await contender.start();
      return async () => {
        await stop();
        await arena.queue.remove(ENTRY_QUEUE);
        await arena.system.declareQueues();
      };
    },
  };
}

const withPrefetch = (arena: Arena, prefetch: number): Contender =>
  pipelineContender(arena, {
    name: `pipeline, prefetch ${prefetch}`,
    share: prefetch === 1 ? 0.05 : prefetch === 10 ? 0.25 : 1,
    env: { ENRICHMENT_ENTRY_PREFETCH: String(prefetch) },
  });

/** As many tasks for each of them: the first thousands compile. */
const named = (workers: number): PipelineOptions => ({
  name: `pipeline, ${workers} ${workers === 1 ? 'worker' : 'workers'}`,
  share: workers,
  workers,
});

/**
 * Its processes are up before the first task is published, and begin when the last one is: neither their start nor the
 * publishing, which takes as much of two processors as the work, is a part of what is measured.
 */
function upFirst({ system: { db } }: Arena, contender: Contender): Contender {
  let stop: () => Promise<void> = () => Promise.resolve();
  return {
    ...contender,
    fill: async (bodies) => {
      const until = Date.now() + LONGEST_FILL_MS;
      await saveLanePause(db, { target: 'intake', until, reason: 'tasks are published', actor: 'bench' });
      stop = await contender.start();
      await contender.fill(bodies);
    },
    start: async () => {
      await deleteLanePause(db, 'intake');
      return stop;
    },
  };
}

/** So much more in each message, which is stored with the result. */
function withExtra(arena: Arena, bytes: number): Contender {
  const contender = pipelineContender(arena, {
    name: `pipeline, ${bytes} bytes more a task`,
    share: bytes > 10_000 ? 0.1 : 1,
  });
  const note = 'x'.repeat(bytes);
  return {
    ...contender,
    fill: (bodies) => contender.fill(bytes === 0 ? bodies : bodies.map((body) => extended(body, { note }))),
  };
}

const SLOW = { provider: 'lastfm', latencyMs: 50, inFlight: 200 };

/** Two of five tasks have to be looked up at a provider that takes its time. */
function partlyCold(arena: Arena): Contender {
  const { provider, latencyMs, inFlight } = SLOW;
  const contender = pipelineContender(arena, {
    name: `pipeline, 60 % warm, the others looked up in ${latencyMs} ms a request`,
    share: 0.5,
    env: { LASTFM_RATE_LIMIT: '100000/s', LASTFM_MAX_IN_FLIGHT: String(inFlight) },
  });
  return {
    ...contender,
    fill: async (bodies) => {
      await makeSlow(arena.system, provider, latencyMs);
      const run = randomUUID();
      await contender.fill(
        bodies.map((body, at) =>
          at % 5 < 3 ? body : extended(body, { title: `Unheard ${run} ${at}`, providers: [provider] }),
        ),
      );
    },
  };
}

const extended = (body: Buffer, more: object): Buffer =>
  Buffer.from(JSON.stringify({ ...(JSON.parse(body.toString()) as object), ...more }));
