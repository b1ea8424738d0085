/** How a provider does, from its gate, the workers' heartbeats and the depth of its stages. Pure. */
import type { GateReport } from '../redis/gate-report.ts';
import { UNTIL_RESUMED } from '../redis/gate-slot.ts';
import type { ProviderBeat } from '../redis/heartbeats.ts';
import { parseRate, type Rate } from '../runtime/environment.ts';
import type { Lane } from '../task/task.ts';
import { quantile } from './quantile.ts';

export interface ProviderFacts {
  readonly name: string;
  /** As configured where the question is asked: what no worker says. */
  readonly configured: {
    readonly mode: 'live' | 'sandbox' | 'off';
    /** Settings that would turn it on. */
    readonly missing: readonly string[];
    readonly rate: Rate;
    readonly dailyBudget: number;
    readonly costPerRequestUsd: number;
  };
  /** Undefined = nothing is known of its gate: nobody has asked it yet. */
  readonly gate: GateReport | undefined;
  readonly beats: readonly ProviderBeat[];
  /** Messages in the broker, by lane; undefined = the broker was not asked or has no such queue. */
  readonly ready: Readonly<Record<Lane, number | undefined>>;
  /** Epoch milliseconds. */
  readonly now: number;
}

export const CONDITIONS = [
  'open',
  'paused',
  'slowed_down',
  'circuit_open',
  'budget_spent',
  'no_credentials',
  'no_worker',
] as const;
export type ProviderCondition = (typeof CONDITIONS)[number];

export interface ProviderReport {
  readonly name: string;
  readonly mode: 'live' | 'sandbox' | 'off';
  readonly state: ProviderCondition;
  /** Empty while it is open. */
  readonly why: string;
  /** Seconds until it opens by itself; undefined = it is open, or somebody must do something. */
  readonly leftSeconds?: number;
  readonly workers: number;
  /** In force. */
  readonly rate: Rate;
  readonly isRateSet: boolean;
  readonly factor: number;
  /** In the last minute. */
  readonly requests: number;
  readonly allowed: number;
  readonly errors: number;
  readonly inFlight: number;
  /** In the broker and in the hands of workers. */
  readonly waiting: Readonly<Record<Lane, number | undefined>>;
  /**
   * Until what waits is asked at the rate in force, with as many requests each as lately; undefined = not known, or never
   * while closed.
   */
  readonly etaSeconds?: number;
  readonly requestsToday: number;
  /** Of all of these, at the price of now. */
  readonly costTodayUsd: number;
  /** 0 = no limit. */
  readonly dailyBudget: number;
  /** Of the answers needed in the last minute; undefined = none was. */
  readonly hitRatio?: number;
  readonly p50Ms?: number;
  readonly p95Ms?: number;
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

export function reportOf(facts: ProviderFacts): ProviderReport {
  const { name, configured, gate, beats, now } = facts;
  const [beat] = beats;
  const setRate = gate?.orders?.rate ?? '';
  const rate = setRate === '' ? (beat?.rate ?? configured.rate) : parseRate(setRate);
  const dailyBudget = beat?.dailyBudget ?? configured.dailyBudget;
  const requestsToday = gate?.day === Math.floor(now / DAY_MS) ? gate.used : 0;
  const factor = gate?.factor ?? 1;
  const perMinute = (rate.count / rate.windowMs) * MINUTE_MS;
  const closure = closureOf(facts, dailyBudget > 0 && requestsToday >= dailyBudget);
  const waiting = { priority: waitingIn('priority', facts), backlog: waitingIn('backlog', facts) };
  const [hits, misses] = [sum(beats, 'cacheHits'), sum(beats, 'cacheMisses')];
  const tasksPerSecond = (perMinute * factor) / 60 / requestsPerTask(sum(beats, 'requests'), misses);
  const eta = etaOf(waiting, tasksPerSecond, closure);
  const [p50, p95] = [0.5, 0.95].map((part) =>
    quantile(
      beats.map(({ latency }) => latency),
      part,
    ),
  );
  return {
    name,
    mode: beat?.mode ?? configured.mode,
    ...closure,
    workers: beats.length,
    rate,
    isRateSet: setRate !== '',
    factor,
    requests: sum(beats, 'requests'),
    allowed: Math.floor(perMinute),
    errors: sum(beats, 'errors'),
    inFlight: sum(beats, 'inFlight'),
    waiting,
    ...(eta !== undefined && { etaSeconds: eta }),
    requestsToday,
    costTodayUsd: requestsToday * (beat?.costPerRequestUsd ?? configured.costPerRequestUsd),
    dailyBudget,
    ...(hits + misses > 0 && { hitRatio: hits / (hits + misses) }),
    ...(p50 !== undefined && { p50Ms: Math.round(p50 * 1_000) }),
    ...(p95 !== undefined && { p95Ms: Math.round(p95 * 1_000) }),
  };
}

type Closure = Pick<ProviderReport, 'state' | 'why' | 'leftSeconds'>;

function closureOf({ gate, beats, configured, now }: ProviderFacts, isSpent: boolean): Closure {
  const held = gate?.orders?.heldUntil ?? 0;
  if (held > now) {
    const why = gate?.orders?.heldReason ?? '';
    return { state: 'paused', why, ...(held < UNTIL_RESUMED && { leftSeconds: (held - now) / 1_000 }) };
  }
  if (beats.length === 0 && configured.mode === 'off')
    return { state: 'no_credentials', why: `${configured.missing.join(', ')} missing` };
  if (isSpent) {
    const leftSeconds = (DAY_MS - (now % DAY_MS)) / 1_000;
    return { state: 'budget_spent', why: 'daily budget used', leftSeconds };
  }
  if (gate !== undefined && gate.pausedUntil > now) {
    const leftSeconds = (gate.pausedUntil - now) / 1_000;
    return { state: STATES[gate.reason] ?? 'slowed_down', why: gate.reason, leftSeconds };
  }
  if (beats.length === 0) return { state: 'no_worker', why: 'no worker serves it' };
  return { state: 'open', why: '' };
}

const STATES: Readonly<Record<string, ProviderCondition>> = {
  'circuit open': 'circuit_open',
  'credentials refused': 'no_credentials',
};

function waitingIn(lane: Lane, { ready, beats }: ProviderFacts): number | undefined {
  const inBroker = ready[lane];
  if (inBroker === undefined) return undefined;
  return inBroker + beats.reduce((total, { held }) => total + held[lane], 0);
}

/** Fewer look-ups than this say little about what one takes. */
const TELLING_LOOK_UPS = 10;

/** What an answer that was not in the cache took lately: a query ladder and details, or less than one where equals wait. */
const requestsPerTask = (requests: number, misses: number): number =>
  misses >= TELLING_LOOK_UPS && requests > 0 ? requests / misses : 1;

function etaOf(
  { priority, backlog }: ProviderReport['waiting'],
  perSecond: number,
  { state, leftSeconds }: Closure,
): number | undefined {
  if (priority === undefined || backlog === undefined) return undefined;
  if (priority + backlog === 0) return 0;
  if (state !== 'open' && leftSeconds === undefined) return undefined;
  return (leftSeconds ?? 0) + (priority + backlog) / perSecond;
}

const sum = (
  beats: readonly ProviderBeat[],
  key: 'requests' | 'errors' | 'inFlight' | 'cacheHits' | 'cacheMisses',
): number => beats.reduce((total, beat) => total + beat[key], 0);
