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
}

export interface ContestOptions {
  readonly db: Pool;
  readonly tasks: number;
  readonly rounds: number;
  readonly say: (line: string) => void;
}

export async function hold(contenders: readonly Contender[], options: ContestOptions): Promise<Standing[]> {
  const rates = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const contender of contenders) {
      const rate = await turn(contender, options);
      options.say(`round ${round}: ${contender.name} ${Math.round(rate)}/s`);
      rates.get(contender.name)?.push(rate);
    }
  }
  return [...rates].map(([contender, all]) => ({ contender, rates: all, median: medianOf(all) }));
}

async function turn(contender: Contender, { db, tasks: most }: ContestOptions): Promise<number> {
  const owner = `bench-${Math.random().toString(36).slice(2, 8)}`;
  const tasks = Math.round(most * contender.share);
  await contender.fill(Array.from({ length: tasks }, (_, at) => bodyOf(owner, at)));
  const stop = await contender.start();
  try {
    return await ratedByCommits(db, contender.table, { owner, tasks });
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
