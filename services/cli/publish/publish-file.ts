/**
 * A file into the entry stage of its pipeline: rows are read as fast as the broker confirms them, bad ones go to their
 * own file and hold nobody up.
 */
import type { Readable } from 'node:stream';
import { openInput } from '../../../shared/input/open-input.ts';
import type { Input } from '../../../shared/input/open-input.ts';
import { readRows } from '../../../shared/input/read-rows.ts';
import type { AcceptedRow, Row } from '../../../shared/input/read-rows.ts';
import type { Outgoing, TaskPublisher } from '../../../shared/rabbitmq/task-publisher.ts';
import { createPace } from '../../../shared/runtime/pace.ts';
import { MessageError } from '../../../shared/task/message-error.ts';
import type { ProgressLine } from '../progress-line.ts';
import { outgoingOf } from './publish-request.ts';
import type { PublishRequest } from './publish-request.ts';
import type { RejectsFile } from './rejects-file.ts';
import { Tally } from './tally.ts';

export interface PublishDeps {
  readonly stdin: Readable;
  readonly publisher: TaskPublisher;
  readonly rejects: RejectsFile;
  readonly progress: ProgressLine;
  /** Aborted = stop reading, wait for what is under way, say how far it came. */
  readonly signal: AbortSignal;
}

export interface PublishResult {
  readonly tally: Tally;
  /** Why it ended before the file did; the tally is right all the same. */
  readonly failure?: Error;
}

/** After an interruption confirms are waited for this long. */
const LAST_CONFIRMS_MS = 5_000;

/** Never rejects: what went wrong stands beside what was achieved. */
export async function publishFile(request: PublishRequest, deps: PublishDeps): Promise<PublishResult> {
  const tally = new Tally(deps.rejects);
  try {
    const input = await openInput(request.file, { stdin: deps.stdin, isRewindable: request.isStrict });
    try {
      if (request.isStrict && (await hasRejects(input, request, deps, tally))) return { tally };
      await deps.publisher.connect(deps.signal);
      const failure = await publishRows(input, request, deps, tally);
      return failure === undefined ? { tally } : { tally, failure };
    } finally {
      await input.close();
    }
  } catch (error) {
    return { tally, failure: error as Error };
  } finally {
    deps.progress.end();
    deps.rejects.close();
    await deps.publisher.close();
  }
}

/** Reads the whole file. Leaves the tally as it was when every row is good. */
async function hasRejects(
  input: Input,
  request: PublishRequest,
  deps: PublishDeps,
  tally: Tally,
): Promise<boolean> {
  for await (const row of rowsOf(input, request, deps, tally)) tally.count(row);
  deps.signal.throwIfAborted();
  if (tally.rejected > 0) return true;
  tally.rows = 0;
  return false;
}

interface RowTask extends Outgoing {
  readonly row: AcceptedRow;
}

async function publishRows(
  input: Input,
  request: PublishRequest,
  deps: PublishDeps,
  tally: Tally,
): Promise<Error | undefined> {
  let failure: Error | undefined;
  const pace = request.rate === undefined ? undefined : createPace(request.rate, deps.signal);
  async function* rowTasks(): AsyncGenerator<RowTask> {
    for await (const row of rowsOf(input, request, deps, tally)) {
      if (deps.signal.aborted || failure !== undefined) return;
      tally.count(row);
      if ('problems' in row) continue;
      await pace?.();
      yield { row, ...outgoingOf(row, request) };
    }
  }
  const giveUp = setUpInterruption(input, deps);
  try {
    await deps.publisher.publishMany(rowTasks(), ({ row }, error) => {
      if (error === undefined) tally.published += 1;
      else if (error instanceof MessageError) tally.reject(rejectedFor(row, error));
      else failure ??= error;
    });
  } catch (error) {
    failure ??= error as Error;
  } finally {
    giveUp.cancel();
  }
  return deps.signal.aborted ? (deps.signal.reason as Error) : failure;
}

async function* rowsOf(
  input: Input,
  request: PublishRequest,
  deps: PublishDeps,
  tally: Tally,
): AsyncGenerator<Row> {
  const { pipeline, map, format } = request;
  let bytes = 0;
  const rows = readRows(input, {
    pipeline,
    ...(map && { map }),
    ...(format && { format }),
    onHeader: (columns) => {
      deps.rejects.setColumns(columns);
    },
    onBytes: (count) => {
      bytes = count;
    },
  });
  deps.progress.start(() => ({
    count: tally.rows,
    ...(input.size !== undefined && input.size > 0 && { fraction: Math.min(1, bytes / input.size) }),
    ...(deps.publisher.isBlocked && { remark: 'RabbitMQ takes no messages now: waiting' }),
  }));
  yield* rows;
}

/** A pipe that gives nothing any more and a broker that is away must not keep an interrupted command waiting. */
function setUpInterruption(input: Input, deps: PublishDeps): { cancel: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    void input.close();
    timer = setTimeout(() => void deps.publisher.close(), LAST_CONFIRMS_MS);
  };
  deps.signal.addEventListener('abort', onAbort, { once: true });
  return {
    cancel: () => {
      deps.signal.removeEventListener('abort', onAbort);
      clearTimeout(timer);
    },
  };
}

const rejectedFor = (
  { line, original }: AcceptedRow,
  error: MessageError,
): Extract<Row, { problems: unknown }> => ({
  line,
  original,
  problems: [{ field: '', value: '', reason: error.message }],
});
