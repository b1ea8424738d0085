import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { etaSeconds, forecast } from '../../../shared/jobs/forecast.ts';
import type { SubmittedRows } from '../../../shared/jobs/submit-job.ts';
import type { AcceptedRow, Row } from '../../../shared/input/read-rows.ts';
import { NEW_STATE, type Task } from '../../../shared/task/task.ts';
import type { Resources } from '../resources.ts';
import type { ReadOptions } from './job-options.ts';

const SHOWN_REJECTS = 20;
const counts = z.record(z.string(), z.int());

/** What a submission would come to, at the least. */
export const jobForecastSchema = z
  .object({
    dry_run: z.literal(true),
    pipeline: z.string(),
    rows: z.int(),
    rejected: z.int(),
    rejected_rows: z.array(
      z.object({ line: z.int(), field: z.string(), value: z.string(), reason: z.string() }),
    ),
    known: z.int().describe('Rows that need no request at all.'),
    cache: z.enum(['read', 'not reachable']).describe('Not reachable: every row is taken for new.'),
    cache_hits: counts,
    requests: counts.describe(
      'By provider: every look-up is taken to be answered by the provider that is asked first.',
    ),
    cost_usd: z.number(),
    eta_s: z.int().describe('At the configured rates.'),
  })
  .meta({ id: 'JobForecast' });

/** Reads everything and keeps nothing. Throws InputError. */
export async function forecastRows(
  submitted: SubmittedRows,
  { pipeline, request }: ReadOptions,
  { answers, rates, costs, redis }: Pick<Resources, 'answers' | 'rates' | 'costs' | 'redis'>,
  signal: AbortSignal,
): Promise<z.input<typeof jobForecastSchema>> {
  const tally = { rows: 0, rejected: 0 };
  const rejects: z.input<typeof jobForecastSchema>['rejected_rows'] = [];
  const count = (row: Row): void => {
    tally.rows += 1;
    if (!('problems' in row)) return;
    tally.rejected += 1;
    for (const problem of row.problems) {
      if (rejects.length < SHOWN_REJECTS) rejects.push({ line: row.line, ...problem });
    }
  };
  const taskOf = ({ accepted }: AcceptedRow): Task => ({
    taskId: randomUUID(),
    pipeline: pipeline.name,
    owner: request.owner,
    priority: accepted.priority ?? request.priority,
    entity: accepted.entity,
    extra: accepted.extra,
    strategy: request.strategy,
    state: NEW_STATE,
    ...(request.providers && { providers: request.providers }),
    ...(request.notBefore !== undefined && { notBefore: request.notBefore }),
  });
  const isCacheKnown = redis.status === 'ready';
  const cached = isCacheKnown ? answers.getMany.bind(answers) : async () => [];
  const rows = submitted.read(createHash('sha256'), () => undefined);
  const found = await forecast(
    rows,
    { pipeline, taskOf, onRow: count },
    { cached, rates, now: Date.now, signal },
  );
  const cost = Object.entries(found.lookUps).reduce((sum, [name, n]) => sum + n * (costs.get(name) ?? 0), 0);
  return {
    dry_run: true,
    pipeline: pipeline.name,
    ...tally,
    rejected_rows: rejects,
    known: found.known,
    cache: isCacheKnown ? 'read' : 'not reachable',
    cache_hits: found.cacheHits,
    requests: found.lookUps,
    cost_usd: cost,
    eta_s: Math.ceil(etaSeconds(found, rates)),
  };
}
