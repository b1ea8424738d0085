/**
 * Whether a task costs more while many wait: the speed at the top of a backlog beside that near its end, each held
 * against the bare loop, whose table grows just as long.
 */
import type { BenchSystem } from '../bench-system.ts';
import { allCommitted, rateBetween } from './commit-times.ts';
import { type Arena, bareLoop, type Contender, pipelineContender } from './contenders.ts';
import { heldContest } from './warm.ts';
import { bodyOf } from './warm-load.ts';

export interface BacklogResult {
  readonly contender: string;
  readonly backlog: number;
  /** Tasks a second while nearly all of them wait, and while nearly none does. */
  readonly deep: number;
  readonly shallow: number;
  readonly peakMb: number | null;
  /** Of the pipeline alone: deep / shallow, of the same of the bare loop. The target is 0.9. */
  readonly ofBareLoop?: number;
}

/** The first rows are start-up and compilation, at the last ones the queue runs empty. */
const DEEP = [0.04, 0.24] as const;
const SHALLOW = [0.76, 0.96] as const;

export async function measureBacklog(
  system: BenchSystem,
  { backlog, say }: { readonly backlog: number; readonly say: (line: string) => void },
): Promise<BacklogResult[]> {
  const results: BacklogResult[] = [];
  await heldContest(system, { tasks: 0, rounds: 0, say }, async (arena) => {
    const bare = await drained(bareLoop(arena, 'multi'), backlog, arena, say);
    const own = await drained(pipelineContender(arena), backlog, arena, say);
    const ofBareLoop = own.deep / own.shallow / (bare.deep / bare.shallow);
    results.push(bare, { ...own, ofBareLoop });
    return [];
  });
  return results;
}

async function drained(
  contender: Contender,
  backlog: number,
  { system: { db } }: Arena,
  say: (line: string) => void,
): Promise<BacklogResult> {
  const run = { owner: `backlog-${Math.random().toString(36).slice(2, 8)}`, tasks: backlog };
  say(`${contender.name}: ${backlog} tasks are published`);
  await contender.fill(Array.from({ length: backlog }, (_, at) => bodyOf(run.owner, at)));
  const stop = await contender.start();
  say(`${contender.name}: they are worked off`);
  try {
    await allCommitted(db, contender.table, run);
    return {
      contender: contender.name,
      backlog,
      deep: await rateBetween(db, contender.table, run, DEEP),
      shallow: await rateBetween(db, contender.table, run, SHALLOW),
      peakMb: contender.peakMb?.() ?? null,
    };
  } finally {
    await stop();
    await db.query(`truncate ${contender.table.name}`);
  }
}
