/** How the system does, on one screen. */
import { nextSteps } from '../../../shared/controls/next-steps.ts';
import type {
  DeadLetterCause,
  LaneStatus,
  StageStatus,
  SystemStatus,
  WorkerStatus,
} from '../../../shared/controls/system-status.ts';
import { shortened, table } from '../dlq/letter-table.ts';
import { duration, thousands } from '../progress-line.ts';
import { providersTable } from '../providers/providers-table.ts';

/** Workers and causes beyond these are told as a number: the screen holds no more, --json does. */
const MOST_WORKERS = 8;
const MOST_CAUSES = 4;

/** Fits into 80 columns, and shows more of the providers in more. No line is longer than `width`. */
export function statusText(status: SystemStatus, width: number): string {
  const blocks = [
    nextBlock(status, width),
    stageTable(status),
    workerTable(status.workers, width),
    providersTable(status.providers, [], width),
    deadLetterTable(status.deadLetters, width),
  ];
  return blocks.filter((block) => block !== '').join('\n\n');
}

/** Above all else: what scrolls out of a small terminal is the end. */
const nextBlock = (status: SystemStatus, width: number): string =>
  nextSteps(status)
    .flatMap(({ what, next }) => [shortened(`! ${what}`, width), `  next: ${shortened(next, width - 8)}`])
    .join('\n');

const HEAD = ['LANE', 'STAGE', 'WAITING', 'RATE', 'ETA', 'OLDEST', 'WORKERS'];

/** A lane with those of its stages in which something waits or moves. */
const stageTable = ({ lanes, shared }: SystemStatus): string =>
  table(HEAD, [
    ...lanes.flatMap((lane) => [
      laneRow(lane),
      ...lane.stages.filter(isTelling).map((stage) => stageRow(stage)),
    ]),
    ...shared.filter(isTelling).map((stage) => stageRow(stage)),
  ]);

const isTelling = ({ waiting = 0, perSecond }: StageStatus): boolean => waiting > 0 || perSecond > 0;

const laneRow = (lane: LaneStatus): readonly string[] => [
  lane.lane,
  'all',
  ...figures(lane),
  `${thousands(lane.workers)}/${thousands(lane.wanted.workers)}`,
];

const stageRow = (stage: StageStatus): readonly string[] => [
  stage.lane === 'any' ? 'both' : '',
  stage.stage === 'entry' ? `${stage.pipeline} entry` : stage.stage,
  ...figures(stage),
  stage.lane === 'any' ? '' : thousands(stage.workers),
];

const figures = ({
  waiting,
  perSecond,
  etaSeconds,
  oldestSeconds,
}: Pick<StageStatus, 'waiting' | 'perSecond' | 'etaSeconds' | 'oldestSeconds'>): readonly string[] => [
  waiting === undefined ? '?' : thousands(waiting),
  rate(perSecond),
  span(etaSeconds),
  span(oldestSeconds),
];

const rate = (perSecond: number): string => `${perSecond.toFixed(perSecond < 10 ? 1 : 0)}/s`;
const span = (seconds: number | undefined): string =>
  seconds === undefined ? '?' : seconds === 0 ? '-' : duration(seconds);

function workerTable(workers: readonly WorkerStatus[], width: number): string {
  if (workers.length === 0) return 'No worker is alive.';
  const rows = workers
    .slice(0, MOST_WORKERS)
    .map(({ process, version, lanes, held, inFlight, perSecond }) => [
      shortened(process, width - 46),
      version === '' ? '?' : version,
      lanes.length > 1 ? 'both' : (lanes[0] ?? ''),
      thousands(held),
      thousands(inFlight),
      rate(perSecond),
    ]);
  const text = table(['WORKER', 'VERSION', 'LANES', 'HELD', 'FLIGHT', 'RATE'], rows);
  return withRest(text, workers.length - rows.length, 'workers');
}

function deadLetterTable(causes: readonly DeadLetterCause[], width: number): string {
  if (causes.length === 0) return '';
  const rows = causes
    .slice(0, MOST_CAUSES)
    .map(({ group, pipeline, cause, count }) => [
      thousands(count),
      group.slice(0, 8),
      pipeline,
      shortened(cause, width - 36),
    ]);
  const text = table(['DEAD', 'GROUP', 'PIPELINE', 'CAUSE'], rows);
  return withRest(text, causes.length - rows.length, 'causes');
}

const withRest = (text: string, more: number, what: string): string =>
  more > 0 ? `${text}\n… and ${more} more ${what}: --json lists all` : text;
