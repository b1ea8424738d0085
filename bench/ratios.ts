/** What the speed of this project is judged by: ratios within one run, which a slower machine leaves as they are. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchSystem } from './bench-system.ts';
import { measureIdleLatency } from './idle-latency.ts';
import { measurePublish } from './publish.ts';
import type { Standing } from './warm/contest.ts';
import { measureWarm } from './warm/warm.ts';

interface Measure {
  readonly says: string;
  readonly target: number;
  /** Whether more is better; else less is. */
  readonly moreIsBetter: boolean;
}

const MEASURES = {
  warmOfBareMultiAck: more('warm tasks a second, of the bare loop with multi-ack', 0.8),
  warmOfBareSingleAck: more('warm tasks a second, of the bare loop with single acks', 1),
  warmOfCelery: more('warm tasks a second, of Celery at its best', 5),
  warmOfBullMq: more('warm tasks a second, of BullMQ', 4),
  warmOfSequential: more('warm tasks a second, of one message at a time', 4),
  publishOfBare: more('confirmed publishing, of bare amqplib with the same window', 0.7),
  oneByOneP50Ms: less('awaited publish of one task, median in ms', 2),
  oneByOneP99Ms: less('awaited publish of one task, p99 in ms', 10),
  idleP50Ms: less('publish to committed row while idle, median in ms', 5),
  idleP99Ms: less('publish to committed row while idle, p99 in ms', 15),
} as const;

export type MeasureName = keyof typeof MEASURES;
/** A measure that could not be taken, since a peer cannot be installed here, is null. */
export type Ratios = Readonly<Record<MeasureName, number | null>>;

export interface RatiosOptions {
  readonly tasks: number;
  readonly rounds: number;
  readonly say: (line: string) => void;
}

export async function measureRatios(system: BenchSystem, options: RatiosOptions): Promise<Ratios> {
  const publish = await measurePublish(system, { ...options, rounds: Math.max(3, options.rounds) });
  const only = ['pipeline', 'bare loop', 'sequential', 'BullMQ', 'Celery'];
  const standings = await measureWarm(system, { ...options, only });
  const idle = await measureIdleLatency(system, 300);
  const warm = bestOf(standings, 'pipeline');
  const over = (other: number | null): number | null =>
    warm === null || other === null ? null : warm / other;
  return {
    warmOfBareMultiAck: over(bestOf(standings, 'bare loop, multi')),
    warmOfBareSingleAck: over(bestOf(standings, 'bare loop, single')),
    warmOfCelery: over(bestOf(standings, 'Celery')),
    warmOfBullMq: over(bestOf(standings, 'BullMQ')),
    warmOfSequential: over(bestOf(standings, 'sequential')),
    publishOfBare: publish.ofBare,
    oneByOneP50Ms: publish.oneByOneP50Ms,
    oneByOneP99Ms: publish.oneByOneP99Ms,
    idleP50Ms: idle.p50Ms,
    idleP99Ms: idle.p99Ms,
  };
}

const BASELINE = join(import.meta.dirname, 'baseline.json');
/** What two runs of the same code may differ by. */
const NOISE = 0.2;

export interface Comparison {
  readonly measure: string;
  readonly now: number | null;
  readonly baseline: number | null;
  readonly target: number;
  readonly verdict: string;
}

/** Holds a run against the committed baseline and the targets. */
export function compare(
  now: Ratios,
  before: Ratios = JSON.parse(readFileSync(BASELINE, 'utf8')) as Ratios,
): Comparison[] {
  return Object.entries(MEASURES).map(([name, measure]) => {
    const [value, baseline] = [now[name as MeasureName], before[name as MeasureName]];
    return {
      measure: measure.says,
      now: value,
      baseline,
      target: measure.target,
      verdict: verdictOf(measure, value, baseline),
    };
  });
}

function verdictOf({ moreIsBetter, target }: Measure, now: number | null, baseline: number | null): string {
  if (now === null) return 'not measured: the peer cannot be installed here';
  const holds = moreIsBetter ? now >= target : now <= target;
  const gain = baseline === null ? 0 : (moreIsBetter ? now / baseline : baseline / now) - 1;
  const moved =
    gain < -NOISE ? 'WORSE than the baseline' : gain > NOISE ? 'better than the baseline' : 'as before';
  return `${moved} (${gain >= 0 ? '+' : ''}${Math.round(gain * 100)} %), target ${holds ? 'met' : 'missed'}`;
}

function more(says: string, target: number): Measure {
  return { says, target, moreIsBetter: true };
}

function less(says: string, target: number): Measure {
  return { says, target, moreIsBetter: false };
}

/** A peer is given its best setting. */
function bestOf(standings: readonly Standing[], name: string): number | null {
  const medians = standings.filter(({ contender }) => contender.startsWith(name)).map(({ median }) => median);
  return medians.length === 0 ? null : Math.max(...medians);
}
