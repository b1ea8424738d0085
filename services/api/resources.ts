/** What handlers use. Opened once for the process; closed by whoever opened it. */
import type { Principal } from '../../shared/access/api-key.ts';
import type { Controls } from '../../shared/controls/controls.ts';
import type { ProviderFacts } from '../../shared/controls/provider-report.ts';
import type { Desk } from '../../shared/dead-letters/desk.ts';
import type { ReplayRunner } from '../../shared/dead-letters/replay-runner.ts';
import type { Log } from '../../shared/observability/log.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import type { Pool } from '../../shared/postgres/pool.ts';
import type { Job } from '../../shared/postgres/jobs/job.ts';
import type { ConfiguredRates } from '../../shared/providers/configured-rates.ts';
import type { ConfirmPublisher } from '../../shared/rabbitmq/confirm-publisher.ts';
import type { Connection } from '../../shared/rabbitmq/connection.ts';
import type { AnswerCache } from '../../shared/redis/answer-cache.ts';
import type { Redis } from '../../shared/redis/redis-client.ts';
import type { TargetPolicy } from '../../shared/webhooks/target-policy.ts';
import type { SubmissionLimits } from './jobs/admission.ts';
import type { JobReader } from './jobs/job-reader.ts';
import type { JobWatch } from './jobs/job-watch.ts';

export interface Limits extends SubmissionLimits {
  /** Clients that watch jobs at this process. */
  readonly maxStreams: number;
}

export interface Resources {
  readonly pool: Pool;
  readonly redis: Redis;
  readonly consuming: Connection;
  readonly publisher: ConfirmPublisher;
  readonly configured: ReadonlyMap<string, ProviderFacts['configured']>;
  readonly replays: ReplayRunner;
  readonly watch: JobWatch;
  readonly jobReader: JobReader;
  readonly limits: Limits;
  /** Seconds until a job is done; undefined = nobody can tell. */
  readonly eta: (job: Job) => Promise<number | undefined>;
  readonly answers: AnswerCache;
  readonly rates: ConfiguredRates['rates'];
  readonly costs: ConfiguredRates['costs'];
  /** Where webhooks may go. */
  readonly webhookTargets: TargetPolicy;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Who it was, for the audit log. */
export const actorOf = ({ keyId, owner }: Principal): string =>
  keyId === '' ? 'api' : `api key ${keyId}${owner === '' ? '' : ` of ${owner}`}`;

/** Binds a query to what the caller may see; null = to whatever owner. */
export const reachOf = ({ scope, owner }: Principal): string | null => (scope === 'admin' ? null : owner);

const stayOpen = async (): Promise<void> => undefined;

/** The resources belong to the process: closing these does nothing. */
export const controlsOf = (
  { pool, redis }: Pick<Resources, 'pool' | 'redis'>,
  principal: Principal,
): Controls => ({
  pool,
  redis,
  actor: actorOf(principal),
  close: stayOpen,
});

export const deskOf = (
  { pool, consuming, publisher, log }: Pick<Resources, 'pool' | 'consuming' | 'publisher' | 'log'>,
  actor: string,
  holder: string,
): Desk => ({ pool, consuming, publisher, log, actor, holder, close: stayOpen });
