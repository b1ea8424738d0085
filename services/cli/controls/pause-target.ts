/** What can be paused by name: a lane, the intake, or a provider. */
import { type Controls } from '../../../shared/controls/controls.ts';
import { holdProvider, releaseProvider } from '../../../shared/controls/order-provider.ts';
import { pauseLane, resumeLane } from '../../../shared/controls/pause-lane.ts';
import { PAUSE_TARGETS, type PauseTarget } from '../../../shared/postgres/lane-pauses.ts';
import { UNTIL_RESUMED } from '../../../shared/redis/gate-slot.ts';
import { duration } from '../progress-line.ts';

export interface PauseFlags {
  /** Milliseconds; absent = until somebody resumes it. */
  readonly for?: number;
  readonly reason?: string;
}

export interface Turned {
  readonly target: string;
  readonly paused: boolean;
  /** ISO 8601; null = until somebody resumes it. */
  readonly until?: string | null;
  readonly text: string;
}

const asLane = (target: string): PauseTarget | undefined => PAUSE_TARGETS.find((one) => one === target);

export async function pause(controls: Controls, target: string, flags: PauseFlags): Promise<Turned> {
  const until = flags.for === undefined ? UNTIL_RESUMED : Date.now() + flags.for;
  const order = { until, reason: flags.reason ?? `paused by ${controls.actor}` };
  const lane = asLane(target);
  if (lane === undefined) await holdProvider(controls, target, order);
  else await pauseLane(controls, lane, order);
  const howLong = flags.for === undefined ? 'until resumed' : `for ${duration(flags.for / 1_000)}`;
  const what = lane === undefined ? 'no worker asks it' : 'workers take nothing new from it within 5 s';
  return {
    target,
    paused: true,
    until: flags.for === undefined ? null : new Date(until).toISOString(),
    text: `${target} is paused ${howLong}: ${what}. Next: enrich resume ${target}`,
  };
}

export async function resume(controls: Controls, target: string): Promise<Turned> {
  const lane = asLane(target);
  const wasPaused =
    lane === undefined
      ? (await releaseProvider(controls, target)).before.heldUntil > Date.now()
      : await resumeLane(controls, lane);
  const text = wasPaused ? `${target} goes on within 5 s.` : `${target} was not paused by hand.`;
  const hint = lane === undefined ? ' What its service asked for stays in force: enrich providers' : '';
  return { target, paused: false, text: text + hint };
}
