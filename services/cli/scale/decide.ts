/**
 * How many workers of a service should run. A look shows what is wanted at that moment; following every look would start
 * and stop workers all day, and a worker that stops hands back what it holds. So more are started only once a lane is
 * behind for long enough to be felt, and fewer run only after an hour in which fewer were enough. Pure.
 */
import { MANY_WAITING, TOO_OLD_SECONDS } from '../../../shared/controls/overload.ts';
import type { Lane } from '../../../shared/task/task.ts';

/** What one look shows of a lane. */
export interface Sight {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly lane: Lane;
  /** Null = the broker does not answer. */
  readonly waiting: number | null;
  /** Null = nobody knows. */
  readonly oldestSeconds: number | null;
  readonly wanted: number;
  /** What has use for so many. */
  readonly wantedBy: string;
}

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

export interface Decision {
  /** Equal to what runs = leave it. */
  readonly replicas: number;
  readonly why: string;
}

const UP_AFTER_MS = 600_000;
const DOWN_AFTER_MS = 3_600_000;

/** How far back a decision looks. */
export const REMEMBERED_MS = DOWN_AFTER_MS;

/** What this look wants, at once. */
export function decideNow(sight: Sight, bounds: Bounds, running: number): Decision {
  if (sight.waiting === null) return { replicas: running, why: UNKNOWN };
  const replicas = within(bounds, sight.wanted);
  const bound = replicas === sight.wanted ? '' : `, bounded to ${bounds.min}-${bounds.max}`;
  return { replicas, why: `${sight.wanted} wanted (${sight.wantedBy})${bound}` };
}

/** @param sights of one lane, the oldest first, at least one; those older than REMEMBERED_MS do not count */
export function decide(sights: readonly Sight[], bounds: Bounds, running: number): Decision {
  const latest = sights.at(-1);
  if (latest === undefined || latest.waiting === null) return { replicas: running, why: UNKNOWN };
  if (running !== within(bounds, running))
    return { replicas: within(bounds, running), why: `bounded to ${bounds.min}-${bounds.max}` };
  const now = decideNow(latest, bounds, running);
  if (now.replicas > running) {
    const why = reasonForMore(sights, latest);
    return why === undefined
      ? { replicas: running, why: `${now.why}; the lane is not behind` }
      : { replicas: now.replicas, why: `${now.why}: ${why}` };
  }
  if (now.replicas === running) return now;
  const most = within(
    bounds,
    Math.max(...since(sights, latest.at - DOWN_AFTER_MS).map(({ wanted }) => wanted)),
  );
  return spans(sights, DOWN_AFTER_MS) && most < running
    ? { replicas: most, why: `for an hour ${most} would have been enough` }
    : { replicas: running, why: `${now.why}; not for an hour yet` };
}

const UNKNOWN = 'nobody knows what waits';

/** Depth, latency or growth, as an operator would look at them. */
function reasonForMore(sights: readonly Sight[], latest: Sight): string | undefined {
  const { lane, oldestSeconds, waiting } = latest;
  if ((oldestSeconds ?? 0) > TOO_OLD_SECONDS[lane])
    return `the oldest task is over ${TOO_OLD_SECONDS[lane] / 60} minutes old`;
  if (!spans(sights, UP_AFTER_MS)) return undefined;
  const recent = since(sights, latest.at - UP_AFTER_MS);
  if (recent.every((sight) => (sight.waiting ?? 0) > MANY_WAITING))
    return `over ${MANY_WAITING} tasks have waited for 10 minutes`;
  return (waiting ?? 0) > (recent[0]?.waiting ?? Infinity) ? 'more wait than 10 minutes ago' : undefined;
}

const since = (sights: readonly Sight[], at: number): readonly Sight[] =>
  sights.filter((sight) => sight.at >= at);

/** Whether there are sights from so long ago on: nothing is known of the time before the first. */
const spans = (sights: readonly Sight[], ms: number): boolean =>
  (sights.at(-1)?.at ?? 0) - (sights[0]?.at ?? Infinity) >= ms;

const within = ({ min, max }: Bounds, count: number): number => Math.min(max, Math.max(min, count));
