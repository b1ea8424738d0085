/**
 * What a file of records would come to, without enriching it: how much is known already, and how long the rest takes
 * at the rates that the providers allow. It is the least that can happen: every look-up is taken to be answered by the
 * provider that is asked first, with one request.
 */
import type { AcceptedRow, Row } from '../input/read-rows.ts';
import type { Pipeline } from '../pipelines/pipeline.ts';
import { answerDigest } from '../redis/keys.ts';
import type { AnswerAddress } from '../redis/answer-cache.ts';
import type { Rate } from '../runtime/environment.ts';
import type { Answer } from '../task/answer.ts';
import { chainOf, type ChainOptions, countsFor, plan } from '../task/plan.ts';
import { NO_SUPPLEMENTS } from '../task/supplement.ts';
import type { Task } from '../task/task.ts';

export interface ForecastDeps {
  /** Answers that are there already, in the order asked. */
  readonly cached: (addresses: readonly AnswerAddress[]) => Promise<readonly (Answer | undefined)[]>;
  /** Of every provider that counts; the others of a chain are left out. */
  readonly rates: ReadonlyMap<string, Rate>;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

export interface ForecastRequest {
  readonly pipeline: Pipeline;
  /** As it would be published. */
  readonly taskOf: (row: AcceptedRow) => Task;
  /** Called for every row, good or not. */
  readonly onRow?: (row: Row) => void;
}

export interface Forecast {
  /** Rows that need no look-up at all. */
  known: number;
  readonly cacheHits: Record<string, number>;
  /** At least; the same record twice in a file is looked up once. */
  readonly lookUps: Record<string, number>;
}

/** Rows whose answers are asked for together. */
const BATCH = 500;

/** Reads all rows; memory does not depend on their number. Throws what they throw, and the signal's reason. */
export async function forecast(
  rows: AsyncIterable<Row>,
  request: ForecastRequest,
  deps: ForecastDeps,
): Promise<Forecast> {
  const result: Forecast = { known: 0, cacheHits: {}, lookUps: {} };
  let batch: Task[] = [];
  for await (const row of rows) {
    deps.signal.throwIfAborted();
    request.onRow?.(row);
    if ('problems' in row) continue;
    batch.push(request.taskOf(row));
    if (batch.length < BATCH) continue;
    await addBatch(result, batch, request, deps);
    batch = [];
  }
  await addBatch(result, batch, request, deps);
  return result;
}

/** The slowest provider decides, since all of them work at the same time. */
export function etaSeconds({ lookUps }: Forecast, rates: ReadonlyMap<string, Rate>): number {
  const waits = Object.entries(lookUps).map(([provider, count]) => {
    const rate = rates.get(provider);
    return rate === undefined ? 0 : (count * rate.windowMs) / rate.count / 1_000;
  });
  return Math.max(0, ...waits);
}

async function addBatch(
  result: Forecast,
  tasks: readonly Task[],
  { pipeline }: ForecastRequest,
  deps: ForecastDeps,
): Promise<void> {
  const chain = pipeline.chain.filter((provider) => deps.rates.has(provider));
  const options = optionsOf(deps);
  const questions = tasks.flatMap((task, at) => {
    const digest = answerDigest(pipeline.matcherVersion, pipeline.query(task.entity));
    const { providers } = chainOf(task, chain, options);
    return providers.map((provider) => ({ at, provider, digest }));
  });
  const answers = await deps.cached(questions);
  const informed = [...tasks];
  questions.forEach(({ at, provider }, index) => {
    const answer = answers[index];
    const task = informed[at];
    if (answer === undefined || task === undefined || !countsFor(task, answer, deps.now())) return;
    add(result.cacheHits, provider);
    informed[at] = withState(task, { answers: { ...task.state.answers, [provider]: answer } });
  });
  for (const task of informed) countLookUps(result, task, chain, deps);
}

function countLookUps(result: Forecast, task: Task, chain: readonly string[], deps: ForecastDeps): void {
  const options = optionsOf(deps);
  let current = task;
  let next = plan(current, chain, deps.now(), options);
  if (next.do === 'complete') result.known += 1;
  while (next.do === 'look_up') {
    add(result.lookUps, next.provider);
    if (current.strategy === 'first') return;
    // Where all are asked, this one is done with and the plan goes on to the others.
    current = withState(current, { failed: { ...current.state.failed, [next.provider]: 'asked' } });
    next = plan(current, chain, deps.now(), options);
  }
}

const optionsOf = ({ rates }: ForecastDeps): ChainOptions => ({
  known: [...rates.keys()],
  supplements: NO_SUPPLEMENTS,
});

const withState = (task: Task, change: Partial<Task['state']>): Task => ({
  ...task,
  state: { ...task.state, ...change },
});

const add = (counts: Record<string, number>, name: string): void => {
  counts[name] = (counts[name] ?? 0) + 1;
};
