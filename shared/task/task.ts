import type { Answer } from './answer.ts';
import type { Fields, Json } from './fields.ts';

export type { Fields, Json };

export const LANES = ['priority', 'backlog'] as const;
export type Lane = (typeof LANES)[number];

export const STRATEGIES = ['first', 'merge'] as const;
/** `first` stops at the first accepted match; `merge` asks every provider of the chain. */
export type Strategy = (typeof STRATEGIES)[number];

export const DEFAULT_PRIORITY = 5;
export const HIGHEST_PRIORITY = 10;
/** Priorities from here up are published to the priority lane, those below to the backlog. */
const PRIORITY_LANE_FROM = 4;

export const laneOf = (priority: number): Lane => (priority >= PRIORITY_LANE_FROM ? 'priority' : 'backlog');

/** One entity to enrich: one message, settled once. It carries its whole state, so that any worker can go on with it. */
export interface Task {
  readonly taskId: string;
  readonly pipeline: string;
  /** Whose record it is; with the entity's id it is the key of the result row. */
  readonly owner: string;
  readonly jobId?: string;
  /** 0 (whenever) to 10 (now). */
  readonly priority: number;
  readonly entity: Fields;
  /** Fields of the message that nobody here knows: stored with the result as they came. */
  readonly extra: Fields;
  /** Overrides the chain of the pipeline. */
  readonly providers?: readonly string[];
  readonly strategy: Strategy;
  /** Epoch milliseconds: answers fetched earlier do not count. This is how `refresh` is said. */
  readonly notBefore?: number;
  readonly state: TaskState;
}

/** What happened to a task so far. Pure data; grows by at most one answer a provider and 20 timeline entries. */
export interface TaskState {
  /** Epoch milliseconds of the first try; the age of a task counts from here, not from publishing. */
  readonly firstAt?: number;
  readonly answers: Readonly<Record<string, Answer>>;
  /** Providers that are given up on for this task, with the reason. */
  readonly failed: Readonly<Record<string, string>>;
  /** Providers passed over because their gate was closed for too long, with the reason. */
  readonly skipped: Readonly<Record<string, string>>;
  /** Counted tries by provider; a deferral is none. */
  readonly attempts: Readonly<Record<string, number>>;
  readonly timeline: readonly TimelineEntry[];
  /**
   * Epoch milliseconds: when this task was made because a stale answer had been served. Answers that had passed their time
   * by then do not count for it. Absent for all others, which are served them.
   */
  readonly revalidatedAt?: number;
  /** Of a task that was a dead letter before; absent for all others. */
  readonly replay?: Replay;
}

/** What a replayed task remembers of the life before. */
export interface Replay {
  /** How often it has been replayed. */
  readonly count: number;
  readonly firstError: string;
  /** Epoch milliseconds. */
  readonly firstErrorAt: number;
}

export interface TimelineEntry {
  /** Epoch milliseconds. */
  readonly at: number;
  /** What happened: `look_up`, `cache_hit`, `retried`, `deferred`, `failed`, `skipped`, … */
  readonly event: string;
  readonly provider?: string;
  readonly detail?: string;
  /** Of an error: its kind, with the HTTP status where there is one: `unavailable 503`. */
  readonly errorClass?: string;
}

export const NEW_STATE: TaskState = { answers: {}, failed: {}, skipped: {}, attempts: {}, timeline: [] };

const MAX_TIMELINE = 20;

/** Keeps the first entry (where it began) and the latest ones. */
export function withEvent(state: TaskState, entry: TimelineEntry): TaskState {
  const timeline = [...state.timeline, entry];
  if (timeline.length > MAX_TIMELINE) timeline.splice(1, timeline.length - MAX_TIMELINE);
  return { ...state, timeline };
}
