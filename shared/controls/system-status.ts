/** How the whole system does, from the depth of its queues, the workers' heartbeats and its providers. Pure. */
import type { LanePause } from '../postgres/lane-pauses.ts';
import type { Beat } from '../redis/heartbeats.ts';
import { type Lane, LANES } from '../task/task.ts';
import { type Ready, type WaitingPlace, waitingTasks } from './backlog.ts';
import type { ProviderReport } from './provider-report.ts';
import { type ProviderLoad, type WorkersWanted, workersWanted } from './workers-wanted.ts';

export interface StageStatus {
  readonly pipeline: string;
  readonly lane: Lane | 'any';
  readonly stage: string;
  /** In the broker and in the hands of workers; undefined = the broker does not answer. */
  readonly waiting: number | undefined;
  /** Deliveries settled a second, in the last minute. */
  readonly perSecond: number;
  /** Until what waits is settled at that rate; undefined = not known, or never. */
  readonly etaSeconds: number | undefined;
  /** Age of the oldest task; undefined = nobody knows: no worker holds one of them. */
  readonly oldestSeconds: number | undefined;
  /** Workers that serve it. */
  readonly workers: number;
}

export interface LaneStatus extends Omit<StageStatus, 'pipeline' | 'stage' | 'lane'> {
  readonly lane: Lane;
  readonly wanted: WorkersWanted;
  readonly stages: readonly StageStatus[];
}

export interface WorkerStatus {
  readonly process: string;
  /** Empty = of a release that does not say. */
  readonly version: string;
  readonly lanes: readonly Lane[];
  readonly held: number;
  /** Requests under way. */
  readonly inFlight: number;
  readonly perSecond: number;
  readonly bestPerSecond: number;
  /** Seconds since its last word. */
  readonly silentSeconds: number;
}

export interface DeadLetterCause {
  readonly group: string;
  readonly pipeline: string;
  readonly cause: string;
  readonly count: number;
}

export interface SystemStatus {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly lanes: readonly LaneStatus[];
  /** Stages in which tasks of all lanes are mixed. */
  readonly shared: readonly StageStatus[];
  readonly workers: readonly WorkerStatus[];
  readonly providers: readonly ProviderReport[];
  readonly pauses: readonly LanePause[];
  /** The largest first. */
  readonly deadLetters: readonly DeadLetterCause[];
}

export interface StatusFacts extends Pick<SystemStatus, 'providers' | 'pauses' | 'deadLetters'> {
  readonly places: readonly WaitingPlace[];
  /** Undefined = the broker does not answer. */
  readonly ready: Ready | undefined;
  readonly beats: readonly Beat[];
  /** Epoch milliseconds. */
  readonly now: number;
}

export function statusOf(facts: StatusFacts): SystemStatus {
  const { beats, now, providers, pauses, deadLetters } = facts;
  const stages = stagesOf(facts);
  return {
    at: now,
    lanes: LANES.map((lane) => laneOf(lane, stages, facts)),
    shared: stages.filter(({ lane }) => lane === 'any'),
    workers: beats.map((beat) => workerOf(beat, now)).sort((a, b) => a.process.localeCompare(b.process)),
    providers,
    pauses,
    deadLetters,
  };
}

function stagesOf({ places, ready, beats, now }: StatusFacts): readonly StageStatus[] {
  return waitingTasks(places, ready ?? new Map(), beats).map(({ pipeline, lane, stage, queues, tasks }) => {
    const own = beats.map((beat) => queues.flatMap((queue) => beat.queues?.[queue] ?? []));
    const perSecond = sum(own.flat().map(({ settled = 0 }) => settled)) / 60;
    const waiting = ready === undefined ? undefined : tasks;
    const since = own.flat().flatMap(({ oldestAt }) => oldestAt ?? []);
    return {
      pipeline,
      lane,
      stage,
      waiting,
      perSecond,
      etaSeconds: etaOf(waiting, perSecond),
      oldestSeconds: ageOf(waiting, since, now),
      workers: own.filter((queuesHere) => queuesHere.length > 0).length,
    };
  });
}

function laneOf(lane: Lane, all: readonly StageStatus[], facts: StatusFacts): LaneStatus {
  const { beats } = facts;
  const stages = all.filter((stage) => stage.lane === lane);
  const waiting = facts.ready === undefined ? undefined : sum(stages.map((stage) => stage.waiting ?? 0));
  const perSecond = sum(beats.map(({ worker }) => worker?.finished[lane] ?? 0)) / 60;
  const ages = stages.flatMap(({ oldestSeconds }) => oldestSeconds ?? []);
  const serving = beats.filter((beat) => lanesOf(beat).includes(lane));
  return {
    lane,
    waiting,
    perSecond,
    etaSeconds: etaOf(waiting, perSecond),
    oldestSeconds: waiting === 0 ? 0 : ages.some((age) => age > 0) ? Math.max(...ages) : undefined,
    workers: serving.length,
    wanted: workersWanted({
      lane,
      entry: sum(stages.filter(({ stage }) => stage === 'entry').map((stage) => stage.waiting ?? 0)),
      bestPerSecond: Math.max(0, ...beats.map(({ worker }) => worker?.bestPerSecond ?? 0)),
      providers: facts.providers.map((report) => loadOf(report, lane, beats)),
    }),
    stages,
  };
}

function loadOf(
  { name, allowed, waiting }: ProviderReport,
  lane: Lane,
  beats: readonly Beat[],
): ProviderLoad {
  const own = beats.flatMap(({ providers }) => providers[name] ?? []);
  const requests = sum(own.map((beat) => beat.requests));
  const seconds = own.flatMap(({ requestSeconds }) => requestSeconds ?? []);
  const limits = own.flatMap(({ inFlightLimit }) => inFlightLimit ?? []);
  return {
    provider: name,
    isWaitedFor: (waiting[lane] ?? 0) > 0,
    perMinute: allowed,
    meanSeconds: requests > 0 && seconds.length > 0 ? sum(seconds) / requests : undefined,
    inFlightLimit: limits.length > 0 ? Math.max(...limits) : undefined,
  };
}

function workerOf(beat: Beat, now: number): WorkerStatus {
  const queues = Object.values(beat.queues ?? {});
  return {
    process: beat.process,
    version: beat.worker?.version ?? '',
    lanes: lanesOf(beat),
    held: sum(queues.map(({ held }) => held)),
    inFlight: sum(Object.values(beat.providers).map(({ inFlight }) => inFlight)),
    perSecond: sum(queues.map(({ settled = 0 }) => settled)) / 60,
    bestPerSecond: beat.worker?.bestPerSecond ?? 0,
    silentSeconds: Math.max(0, now - beat.at) / 1_000,
  };
}

/** Releases that did not say served both, or cannot be told from those that did. */
const lanesOf = ({ worker }: Beat): readonly Lane[] => worker?.lanes ?? LANES;

function etaOf(waiting: number | undefined, perSecond: number): number | undefined {
  if (waiting === 0) return 0;
  return waiting === undefined || perSecond === 0 ? undefined : waiting / perSecond;
}

function ageOf(waiting: number | undefined, since: readonly number[], now: number): number | undefined {
  if (waiting === 0) return 0;
  return since.length === 0 ? undefined : Math.max(0, now - Math.min(...since)) / 1_000;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
