/** The contenders in turn, round by round: what disturbs the machine for a while disturbs all of them. */
import type { Pool } from '../../shared/postgres/pool.ts';
import { ratedByCommits } from './commit-times.ts';
import type { Contender } from './contenders.ts';
import { bodyOf } from './warm-load.ts';

export interface Standing {
  readonly contender: string;
  /** Tasks a second, a round each. */
  readonly rates: readonly number[];
  readonly median: number;
  /** Of the median of the contender that is named first. */
  readonly ofFirst: number;
  /** The most memory that one of its processes took, in MB; null = not watched. */
  readonly peakMb: number | null;
}

/** Of one round. */
interface Turn {
  readonly rate: number;
  readonly peakMb: number | null;
}

export interface ContestOptions {
  readonly db: Pool;
  readonly tasks: number;
  readonly rounds: number;
  readonly say: (line: string) => void;
}

export async function hold(contenders: readonly Contender[], options: ContestOptions): Promise<Standing[]> {
  const turns = new Map<string, Turn[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const contender of contenders) {
      const done = await turn(contender, options);
      options.say(`round ${round}: ${contender.name} ${Math.round(done.rate)}/s`);
      turns.get(contender.name)?.push(done);
    }
  }
  const medians = [...turns.values()].map((all) => medianOf(all.map(({ rate }) => rate)));
  return [...turns].map(([contender, all], at) => ({
    contender,
    rates: all.map(({ rate }) => rate),
    median: medians[at] ?? NaN,
    ofFirst: (medians[at] ?? NaN) / (medians[0] ?? NaN),
    peakMb: highest(all.flatMap(({ peakMb }) => peakMb ?? [])),
  }));
}

const highest = (values: readonly number[]): number | null =>
  values.length === 0 ? null : Math.max(...values);

async function turn(contender: Contender, { db, tasks: most }: ContestOptions): Promise<Turn> {
  const owner = `bench-${Math.random().toString(36).slice(2, 8)}`;
  const tasks = Math.round(most * contender.share);
  await contender.fill(Array.from({ length: tasks }, (_, at) => bodyOf(owner, at)));
  const stop = await contender.start();
  try {
    const rate = await ratedByCommits(db, contender.table, { owner, tasks });
    return { rate, peakMb: contender.peakMb?.() ?? null };
  } finally {
    await stop();
    // Nobody pays for the rows of others.
    await db.query(`truncate ${contender.table.name}`);
  }
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[middle - 1] ?? NaN, sorted[middle] ?? NaN];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}
