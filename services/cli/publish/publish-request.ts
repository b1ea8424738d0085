import { randomUUID } from 'node:crypto';
import type { Format } from '../../../shared/input/format.ts';
import type { AcceptedRow } from '../../../shared/input/read-rows.ts';
import type { Pipeline } from '../../../shared/pipelines/pipeline.ts';
import type { Outgoing } from '../../../shared/rabbitmq/task-publisher.ts';
import { MAX_PRIORITY } from '../../../shared/rabbitmq/topology.ts';
import type { Rate } from '../../../shared/runtime/environment.ts';
import { DEFAULT_PRIORITY, NEW_STATE } from '../../../shared/task/task.ts';
import type { Lane, Strategy } from '../../../shared/task/task.ts';

/** What somebody asks of `enrich publish`, read and checked. */
export interface PublishRequest {
  /** A path, or `-` for standard input. */
  readonly file: string;
  readonly pipeline: Pipeline;
  /** Field → column. */
  readonly map?: ReadonlyMap<string, string>;
  readonly format?: Format;
  readonly priority?: number;
  readonly lane?: Lane;
  readonly owner?: string;
  readonly providers?: readonly string[];
  readonly strategy?: Strategy;
  /** Epoch milliseconds: answers fetched earlier do not count. */
  readonly notBefore?: number;
  /** What was published within it is left out. */
  readonly dedupeWindowMs?: number;
  readonly rate?: Rate;
  /** Publishes nothing when a row is bad. */
  readonly isStrict: boolean;
  /** Where rejected rows go; absent = a name made from the file's. */
  readonly rejects?: string;
}

/** The task of a row, and where it goes. A row's own priority counts more than the request's. */
export function outgoingOf({ accepted }: AcceptedRow, request: PublishRequest): Outgoing {
  const { pipeline, lane, owner = '', providers, strategy = 'first', notBefore } = request;
  const usual = lane === 'backlog' ? MAX_PRIORITY.backlog : DEFAULT_PRIORITY;
  return {
    route: { prefix: pipeline.prefix, ...(lane && { lane }) },
    task: {
      taskId: randomUUID(),
      pipeline: pipeline.name,
      owner,
      priority: accepted.priority ?? request.priority ?? usual,
      entity: accepted.entity,
      extra: accepted.extra,
      strategy,
      state: NEW_STATE,
      ...(providers && { providers }),
      ...(notBefore !== undefined && { notBefore }),
    },
  };
}
