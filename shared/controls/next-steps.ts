/** What is wrong with a system, and the command that comes next; nothing is said of one that does well. Pure. */
import { UNTIL_RESUMED } from '../redis/gate-slot.ts';
import { MANY_WAITING, TOO_OLD_SECONDS } from './overload.ts';
import type { ProviderReport } from './provider-report.ts';
import type { LaneStatus, StageStatus, SystemStatus } from './system-status.ts';

export interface NextStep {
  readonly what: string;
  /** A command, or where to read on. */
  readonly next: string;
}

/** The most urgent first. */
export function nextSteps(status: SystemStatus): readonly NextStep[] {
  return [
    ...ofServers(status),
    ...ofPauses(status),
    ...status.lanes.flatMap((lane) => ofLane(lane, status)),
    ...status.providers.flatMap(ofProvider),
    ...ofQuarantine(status),
    ...ofDeadLetters(status),
    ...ofVersions(status),
  ];
}

const ofServers = ({ lanes }: SystemStatus): readonly NextStep[] =>
  lanes.every(({ waiting }) => waiting === undefined)
    ? [{ what: 'RabbitMQ does not answer: nobody knows what waits', next: 'enrich doctor' }]
    : [];

const ofPauses = ({ pauses }: SystemStatus): readonly NextStep[] =>
  pauses.map(({ target, until, reason, actor }) => ({
    what:
      `${target} is paused by ${actor}` +
      (until === UNTIL_RESUMED ? '' : ` until ${new Date(until).toISOString()}`) +
      `: ${reason}`,
    next: `enrich resume ${target}`,
  }));

function ofLane(lane: LaneStatus, { pauses }: SystemStatus): readonly NextStep[] {
  const { waiting = 0, workers, wanted, oldestSeconds = 0 } = lane;
  if (waiting === 0) return [];
  const name = `the ${lane.lane} lane`;
  if (workers === 0)
    return [{ what: `${waiting} tasks wait in ${name} and no worker serves it`, next: 'start a worker' }];
  const isPaused = pauses.some(({ target }) => target === lane.lane || target === 'intake');
  const steps: NextStep[] = [];
  if (workers < wanted.workers)
    steps.push({
      what: `${name} has use for ${wanted.workers} workers (${wanted.by}) and has ${workers}`,
      next: SCALE,
    });
  else if (!isPaused && (oldestSeconds > TOO_OLD_SECONDS[lane.lane] || isLong(lane)))
    steps.push({ what: `${name} is behind, and more workers would not help`, next: 'enrich providers' });
  return [...steps, ...lane.stages.flatMap(ofStage)];
}

const SCALE = 'enrich scale --compose --dry-run';
const isLong = ({ lane, waiting = 0 }: LaneStatus): boolean => lane === 'priority' && waiting > MANY_WAITING;

/** Stages of providers that cannot be asked are told of with their provider. */
const ofStage = ({ lane, pipeline, stage, waiting = 0, workers }: StageStatus): readonly NextStep[] =>
  stage === 'entry' && waiting > 0 && workers === 0
    ? [
        {
          what: `${waiting} ${pipeline} wait at the entry of the ${lane} lane and no worker serves it`,
          next: 'ENRICHMENT_PIPELINES of the workers, and the credentials of its providers',
        },
      ]
    : [];

function ofProvider(report: ProviderReport): readonly NextStep[] {
  const { name, state, why, waiting, workers } = report;
  const tasks = (waiting.priority ?? 0) + (waiting.backlog ?? 0);
  if (state === 'open' || tasks === 0 || (state === 'no_worker' && workers === 0)) return [];
  const what = `${name} is closed (${state.replaceAll('_', ' ')}: ${why}) and ${tasks} tasks wait for it`;
  if (state === 'paused') return [{ what, next: `enrich resume ${name}` }];
  if (state === 'no_credentials') return [{ what, next: 'set its credentials and start the workers again' }];
  return [{ what, next: `enrich providers test ${name}` }];
}

const ofQuarantine = ({ shared }: SystemStatus): readonly NextStep[] =>
  shared
    .filter(({ stage, waiting = 0 }) => stage === 'quarantine' && waiting > 0)
    .map(({ waiting = 0 }) => ({
      what: `${waiting} tasks are in the quarantine: they were in the hands of workers that died`,
      next: 'docs/runbooks/EnrichmentQuarantineNotEmpty.md',
    }));

function ofDeadLetters({ deadLetters: [first, ...others] }: SystemStatus): readonly NextStep[] {
  if (first === undefined) return [];
  const count = others.reduce((sum, one) => sum + one.count, first.count);
  const what = `${count} dead letters, most of them ${first.pipeline}, ${first.cause}`;
  return [{ what, next: `enrich dlq list --group ${first.group.slice(0, 8)}` }];
}

function ofVersions({ workers }: SystemStatus): readonly NextStep[] {
  const versions = [...new Set(workers.map(({ version }) => version))];
  if (versions.length < 2) return [];
  const named = versions.map((version) => (version === '' ? 'an older one' : version)).join(', ');
  return [{ what: `workers of several releases run: ${named}`, next: 'start those of the older one again' }];
}
