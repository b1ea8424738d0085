import { randomUUID } from 'node:crypto';
import type { Pipeline } from '../pipelines/pipeline.ts';
import { type Pool } from '../postgres/pool.ts';
import { BEFORE_ALL, type RowKey } from '../postgres/row-page.ts';
import { findSubmittedPage, type RowWish, type SubmittedRow } from '../postgres/submitted-rows.ts';
import type { Outgoing } from '../rabbitmq/task-publisher.ts';
import { MAX_PRIORITY } from '../rabbitmq/topology.ts';
import { NEW_STATE, type Task } from '../task/task.ts';

export interface RefreshRequest {
  readonly pipeline: Pipeline;
  readonly wish: RowWish;
  readonly limit?: number;
  /** Epoch milliseconds: for stale rows, answers fetched earlier do not count. */
  readonly now: number;
}

/** The tasks of the wanted rows, page by page; memory does not depend on how many there are. */
export async function* outgoingRows(
  pool: Pool,
  request: RefreshRequest,
  onSeen: (count: number) => void = () => undefined,
): AsyncGenerator<Outgoing> {
  const { pipeline, wish, limit = Infinity } = request;
  let given = 0;
  for (let after: RowKey | undefined = BEFORE_ALL; after !== undefined;) {
    const page = await findSubmittedPage(pool, pipeline.table, wish, after);
    after = page.next;
    for (const row of page.rows) {
      if (given >= limit) return;
      given += 1;
      onSeen(given);
      yield { task: taskOf(row, request), route: { prefix: pipeline.prefix, lane: 'backlog' } };
    }
  }
}

/** Nobody waits for it: it goes to the backlog lane, after whatever else is there. */
function taskOf(row: SubmittedRow, { pipeline, wish, now }: RefreshRequest): Task {
  return {
    taskId: randomUUID(),
    pipeline: pipeline.name,
    owner: row.owner,
    priority: Math.min(1, MAX_PRIORITY.backlog),
    entity: row.entity,
    extra: row.extra,
    state: NEW_STATE,
    ...('partial' in wish
      ? { providers: stillToAsk(row, pipeline), strategy: 'merge' as const }
      : { notBefore: now, strategy: 'first' as const }),
  };
}

/**
 * The providers that were passed over, and the one whose match the row has, in the order of the chain: its answer, most
 * often a cached one, makes the verdict of the new task one about the whole row, so that the row is not partial any more.
 */
function stillToAsk({ missing, source }: SubmittedRow, { chain }: Pipeline): readonly string[] {
  const wanted = [...missing, ...(source === null ? [] : [source])];
  return [
    ...chain.filter((name) => wanted.includes(name)),
    ...missing.filter((name) => !chain.includes(name)),
  ];
}
