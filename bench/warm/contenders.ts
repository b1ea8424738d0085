/** Who runs the warm scenario: the pipeline, the limits of the machine, and what else people use. */
import type { SystemProcess } from '../../infra/local-system/system-process.ts';
import type { BenchSystem } from '../bench-system.ts';
import { TABLE } from '../programs/warm-row.ts';
import { type BenchQueue, ENTRY_QUEUE } from './bench-queue.ts';
import type { Table } from './commit-times.ts';

export interface Contender {
  readonly name: string;
  /** How many of the tasks it gets: a slow one need not take minutes. */
  readonly share: number;
  readonly table: Table;
  /** Has the tasks ready where the contender takes them from; it does not run yet. */
  fill(bodies: readonly Buffer[]): Promise<void>;
  start(): Promise<() => Promise<void>>;
}

export interface Arena {
  readonly system: BenchSystem;
  readonly queue: BenchQueue;
}

const BARE_TABLE: Table = { name: TABLE, idColumn: 'id' };
const BARE_QUEUE = 'bench_bare';
/** What the worker's entry stage holds by default. */
const PREFETCH = '500';

/** Everything on: metrics, one log line and more for each task, into a file. */
export function pipelineContender(
  { system, queue }: Arena,
  env: Readonly<Record<string, string>> = {},
): Contender {
  return {
    name: 'pipeline',
    share: 1,
    table: { name: 'tracks', idColumn: 'track_id' },
    fill: (bodies) => queue.fill(ENTRY_QUEUE, bodies),
    start: async () => {
      await system.startWorkers(1, { LOG_LEVEL: 'info', ...env });
      return () => system.stopWorkers();
    },
  };
}

/** The limit: with one acknowledgement for a batch, or one for each message. */
export const bareLoop = (arena: Arena, acks: 'multi' | 'single'): Contender => ({
  ...onBareQueue(arena, 'bench/programs/bare-loop.ts', { BENCH_ACKS: acks, BENCH_PREFETCH: PREFETCH }),
  name: `bare loop, ${acks} ack`,
  share: 1,
});

export const oneQueryAMessage = (arena: Arena, prefetch: number): Contender => ({
  ...onBareQueue(arena, 'bench/programs/one-query-a-message.ts', { BENCH_PREFETCH: String(prefetch) }),
  name: prefetch === 1 ? 'sequential' : `plain amqplib, prefetch ${prefetch}`,
  share: prefetch === 1 ? 0.1 : 0.25,
});

function onBareQueue(
  { system, queue }: Arena,
  entry: string,
  env: Readonly<Record<string, string>>,
): Pick<Contender, 'table' | 'fill' | 'start'> {
  return {
    table: BARE_TABLE,
    fill: async (bodies) => {
      await queue.remake(BARE_QUEUE, 'classic');
      await queue.fill(BARE_QUEUE, bodies);
    },
    start: () => started(system.startProgram(entry, { ...env, BENCH_QUEUE: BARE_QUEUE })),
  };
}

/** Resolves with how it is stopped. */
export async function started(program: Promise<SystemProcess>): Promise<() => Promise<void>> {
  const running = await program;
  return () => running.stop();
}
