/** Who runs the warm scenario: the pipeline, the limits of the machine, and what else people use. */
import type { SystemProcess } from '../../infra/local-system/system-process.ts';
import type { BenchSystem } from '../bench-system.ts';
import { compiled } from '../compiled.ts';
import { memoryMb } from '../process-memory.ts';
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
  /** While it runs: the most memory that one of its processes has taken so far, in MB. */
  peakMb?(): number;
}

export interface Arena {
  readonly system: BenchSystem;
  readonly queue: BenchQueue;
}

const BARE_TABLE: Table = { name: TABLE, idColumn: 'id' };
const BARE_QUEUE = 'bench_bare';
/** What the worker's entry stage holds by default. */
const PREFETCH = '500';

export interface PipelineOptions {
  readonly name?: string;
  readonly share?: number;
  readonly workers?: number;
  /** Of the workers. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Everything on: metrics, one log line and more for each task, into a file. */
export function pipelineContender({ system, queue }: Arena, options: PipelineOptions = {}): Contender {
  const { name = 'pipeline', share = 1, workers = 1, env = {} } = options;
  let running: readonly SystemProcess[] = [];
  return {
    name,
    share,
    table: { name: 'tracks', idColumn: 'track_id' },
    fill: (bodies) => queue.fill(ENTRY_QUEUE, bodies),
    start: async () => {
      running = await system.startWorkers(workers, { LOG_LEVEL: 'info', ...env });
      return () => system.stopWorkers();
    },
    peakMb: () => Math.max(...running.map(({ record }) => memoryMb(record.identity.pid, 'VmHWM'))),
  };
}

/** The limit: with one acknowledgement for a batch, or one for each message. */
export const bareLoop = (arena: Arena, acks: 'multi' | 'single'): Contender => ({
  ...onBareQueue(arena, 'bare-loop', { BENCH_ACKS: acks, BENCH_PREFETCH: PREFETCH }),
  name: `bare loop, ${acks} ack`,
  share: 1,
});

export const oneQueryAMessage = (arena: Arena, prefetch: number): Contender => ({
  ...onBareQueue(arena, 'one-query-a-message', { BENCH_PREFETCH: String(prefetch) }),
  name: prefetch === 1 ? 'sequential' : `plain amqplib, prefetch ${prefetch}`,
  share: prefetch === 1 ? 0.1 : 0.25,
});

function onBareQueue(
  { system, queue }: Arena,
  program: string,
  env: Readonly<Record<string, string>>,
): Pick<Contender, 'table' | 'fill' | 'start'> {
  return {
    table: BARE_TABLE,
    fill: async (bodies) => {
      await queue.remake(BARE_QUEUE, 'classic');
      await queue.fill(BARE_QUEUE, bodies);
    },
    start: () =>
      started(
        system.startProgram(compiled(`bench/programs/${program}.ts`), { ...env, BENCH_QUEUE: BARE_QUEUE }),
      ),
  };
}

/** Resolves with how it is stopped. */
export async function started(program: Promise<SystemProcess>): Promise<() => Promise<void>> {
  const running = await program;
  return () => running.stop();
}
