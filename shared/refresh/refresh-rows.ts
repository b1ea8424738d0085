import type { Outgoing, TaskPublisher } from '../rabbitmq/task-publisher.ts';
import type { Rate } from '../runtime/environment.ts';
import { createPace } from '../runtime/pace.ts';
import { MessageError } from '../task/message-error.ts';

export interface Refreshed {
  readonly found: number;
  /** Confirmed by the broker. */
  readonly published: number;
  /** Rows that make no message, such as one that became too large. */
  readonly refused: number;
}

export interface RefreshDeps {
  /** Not connected yet; closed at the end. */
  readonly publisher: TaskPublisher;
  readonly rate?: Rate;
  /** Ends it between two rows; what was sent is still confirmed. */
  readonly signal: AbortSignal;
}

/** Publishes all rows and takes no more of them than the publisher's window holds. Throws PublishError. */
export async function refreshRows(rows: AsyncIterable<Outgoing>, deps: RefreshDeps): Promise<Refreshed> {
  const { publisher, rate, signal } = deps;
  const result = { found: 0, published: 0, refused: 0 };
  const failure: { error?: Error } = {};
  const pace = rate === undefined ? undefined : createPace(rate, signal);
  async function* taken(): AsyncGenerator<Outgoing> {
    for await (const row of rows) {
      // Cut off while it waits for its turn, it is not sent.
      await pace?.().catch(() => undefined);
      if (signal.aborted || failure.error !== undefined) return;
      result.found += 1;
      yield row;
    }
  }
  await publisher.connect(signal);
  try {
    await publisher.publishMany(taken(), (_, error) => {
      if (error === undefined) result.published += 1;
      else if (error instanceof MessageError) result.refused += 1;
      else failure.error ??= error;
    });
  } finally {
    await publisher.close();
  }
  if (failure.error !== undefined) throw failure.error;
  return result;
}
