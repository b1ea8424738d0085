/** How the system does, as one JSON document; absent figures are null. */
import { nextSteps } from './next-steps.ts';
import { providersDocument } from './provider-document.ts';
import type { LaneStatus, StageStatus, SystemStatus, WorkerStatus } from './system-status.ts';

/** What others that read the document may rely on. */
export interface LaneDocument {
  readonly lane: string;
  readonly waiting: number | null;
  readonly oldest_s: number | null;
  readonly workers: number;
  readonly workers_wanted: number;
  readonly wanted_by: string;
}

export interface StatusDocument {
  readonly at: string;
  readonly lanes: readonly LaneDocument[];
}

export const statusDocument = (status: SystemStatus): StatusDocument & Readonly<Record<string, unknown>> => ({
  at: new Date(status.at).toISOString(),
  lanes: status.lanes.map(laneDocument),
  shared: status.shared.map(stageDocument),
  workers: status.workers.map(workerDocument),
  ...providersDocument(status.providers, status.pauses),
  dead_letters: status.deadLetters,
  next: nextSteps(status),
});

const laneDocument = (lane: LaneStatus): LaneDocument & Readonly<Record<string, unknown>> => ({
  lane: lane.lane,
  ...figuresOf(lane),
  workers_wanted: lane.wanted.workers,
  wanted_by: lane.wanted.by,
  stages: lane.stages.map(stageDocument),
});

const stageDocument = (stage: StageStatus): object => ({
  pipeline: stage.pipeline,
  stage: stage.stage,
  ...figuresOf(stage),
});

const figuresOf = ({
  waiting,
  perSecond,
  etaSeconds,
  oldestSeconds,
  workers,
}: Pick<StageStatus, 'waiting' | 'perSecond' | 'etaSeconds' | 'oldestSeconds' | 'workers'>) => ({
  waiting: waiting ?? null,
  per_second: perSecond,
  eta_s: etaSeconds ?? null,
  oldest_s: oldestSeconds ?? null,
  workers,
});

const workerDocument = (worker: WorkerStatus): object => ({
  process: worker.process,
  version: worker.version,
  lanes: worker.lanes,
  held: worker.held,
  in_flight: worker.inFlight,
  per_second: worker.perSecond,
  best_per_second: worker.bestPerSecond,
  silent_s: worker.silentSeconds,
});
