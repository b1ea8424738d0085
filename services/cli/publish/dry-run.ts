import type { Readable } from 'node:stream';
import { openInput } from '../../../shared/input/open-input.ts';
import { type AcceptedRow, readRows, type Row } from '../../../shared/input/read-rows.ts';
import { etaSeconds, forecast, type Forecast } from '../../../shared/jobs/forecast.ts';
import { configuredRates } from '../../../shared/providers/configured-rates.ts';
import type { Log } from '../../../shared/observability/log.ts';
import { AnswerCache } from '../../../shared/redis/answer-cache.ts';
import { openRedis, redisReady } from '../../../shared/redis/redis-client.ts';
import { duration, thousands } from '../progress-line.ts';
import { outgoingOf } from './publish-request.ts';
import type { PublishRequest } from './publish-request.ts';
import { Tally } from './tally.ts';

export interface DryRunDeps {
  readonly stdin: Readable;
  readonly redisUrl: string;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export interface DryRun extends Forecast {
  readonly tally: Tally;
  /** False = nobody knows what is cached, and every row is taken for new. */
  readonly isCacheKnown: boolean;
  readonly etaSeconds: number;
}

const REDIS_WAIT_MS = 2_000;

/** Publishes and writes nothing. Throws what `forecast` and `openInput` throw. */
export async function dryRun(request: PublishRequest, deps: DryRunDeps): Promise<DryRun> {
  const { rates } = await configuredRates();
  const redis = openRedis({ url: deps.redisUrl, name: 'enrich-dry-run', log: deps.log });
  try {
    const isCacheKnown = await redisReady(redis, REDIS_WAIT_MS);
    const cache = new AnswerCache({ redis });
    const input = await openInput(request.file, { stdin: deps.stdin });
    try {
      const cached = isCacheKnown ? cache.getMany.bind(cache) : async () => [];
      const tally = new Tally();
      const { pipeline, map, format } = request;
      const rows = readRows(input, { pipeline, ...(map && { map }), ...(format && { format }) });
      const asked = {
        pipeline,
        taskOf: (row: AcceptedRow) => outgoingOf(row, request).task,
        onRow: (row: Row) => {
          tally.count(row);
        },
      };
      const result = await forecast(rows, asked, { cached, rates, now: Date.now, signal: deps.signal });
      return { ...result, tally, isCacheKnown, etaSeconds: etaSeconds(result, rates) };
    } finally {
      await input.close();
    }
  } finally {
    redis.disconnect();
  }
}

/** The one document that `--json` prints. */
export function dryRunDocument(request: PublishRequest, run: DryRun): object {
  const { rows, rejected, rejects } = run.tally;
  return {
    file: request.file,
    pipeline: request.pipeline.name,
    rows,
    rejected,
    rejected_rows: rejects,
    known: run.known,
    cache: run.isCacheKnown ? 'read' : 'not reachable',
    cache_hits: run.cacheHits,
    requests: run.lookUps,
    eta_s: Math.ceil(run.etaSeconds),
  };
}

/** For people. */
export function dryRunSummary(run: DryRun): string {
  const { rows, rejected } = run.tally;
  const good = rows - rejected;
  const counts = (by: Record<string, number>): string =>
    Object.entries(by)
      .map(([provider, count]) => `${provider} ${thousands(count)}`)
      .join(', ') || 'none';
  return [
    `Dry run: nothing was published. ${thousands(good)} of ${thousands(rows)} rows are good.`,
    run.isCacheKnown
      ? `Known already: ${thousands(run.known)} rows (cache hits: ${counts(run.cacheHits)})`
      : 'Known already: not known, since Redis is not reachable (REDIS_URL); every row is taken for new',
    `Requests, at least: ${counts(run.lookUps)}`,
    `Time at the configured rates, at least: ${duration(run.etaSeconds)}`,
  ].join('\n');
}
