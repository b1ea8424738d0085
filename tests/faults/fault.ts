import type { SceneOptions } from './scene-options.ts';
import type { Scene } from './scene.ts';

/** One row of the table: a fault, how it is brought about, and what must hold. */
export interface Fault {
  /** F01, F02, …: the rows keep their number for good. */
  readonly id: string;
  readonly title: string;
  /** For people: what is done to whom, and for how long. */
  readonly injection: string;
  /** Seconds from the end of the fault until everything confirmed by then is settled, on a machine that is not busy. */
  readonly caughtUpWithinS: number;
  /** What the surroundings need beyond the usual ones. */
  readonly scene?: Partial<SceneOptions>;
  /** What may happen that infrastructure alone must not cause. */
  readonly allows?: Allowance;
  /** Errors that workers log because of it; any other one is a finding. */
  readonly expectedErrors?: readonly string[];
  /** Absent = the type that the run asks for. */
  readonly queueTypes?: readonly QueueType[];
  /** Brings the fault about under load, and heals it. */
  inject(scene: Scene): Promise<Injected>;
}

export type QueueType = 'classic' | 'quorum';

export interface Allowance {
  /** Tasks may end dead or partial: the providers themselves fail. */
  readonly providerFailures?: boolean;
  /** Answers are lost with the cache, so that they are looked up again. */
  readonly cacheLoss?: boolean;
  /** Some workers see Redis while others do not: only then the limits of providers may be exceeded. */
  readonly limitExcess?: boolean;
}

export interface Injected {
  /** performance.now() when the fault was over: of a crash, when it happened. */
  readonly healedAt: number;
  /** Where looking at the queues marks messages as delivered before: what the row counted instead. */
  readonly redelivered?: number;
  /** What only this row can tell. */
  readonly checks?: readonly Check[];
  /** Bad messages that it sent: a text at the beginning of the body → the reason that the dead letter must give. */
  readonly expectedLetters?: ReadonlyMap<string, string>;
}

/** One thing that must hold. */
export interface Check {
  readonly name: string;
  readonly held: boolean;
  /** The figures, and examples of what broke it. */
  readonly detail: string;
}

export const check = (name: string, held: boolean, detail: string | number): Check => ({
  name,
  held,
  detail: String(detail),
});
