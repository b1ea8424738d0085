/** Names of the pipeline as PromQL wants them, taken from where they are decided. */
import { pipelines } from '../../shared/pipelines/registry.ts';
import { deadLetterQueue, laneQueue } from '../../shared/rabbitmq/topology.ts';
import { LANES, type Lane } from '../../shared/task/task.ts';

const prefixes = pipelines.map(({ prefix }) => prefix);

/** Matches the entry queues of a lane. */
export const entryQueues = (lanes: readonly Lane[] = LANES): string =>
  prefixes.flatMap((prefix) => lanes.map((lane) => laneQueue(prefix, lane))).join('|');

/** Matches the dead-letter queues. */
export const DEAD_LETTER_QUEUES = prefixes.map(deadLetterQueue).join('|');

/** The queue that scrapers have published to all along. */
export const FIRST_QUEUE = laneQueue(prefixes[0] ?? '', 'priority');

/** Workers of both roles. */
export const WORKERS = 'enrichment-worker|enrichment-backlog-worker';

/** Outcomes that end a task. */
export const SETTLED = 'enriched|not_found|ambiguous|dead|cancelled';
/** Those that say how well the system works: a cancelled task is nobody's fault. */
export const JUDGED = 'enriched|not_found|ambiguous|dead';

/** Requests to the HTTP API that are answered at once: streams last as long as they are watched, exports as long as they are large. */
export const QUICK_REQUESTS = 'method="GET",route!~".+/(events|ws|results|rejects)"';
