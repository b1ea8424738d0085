/** What can be measured, by name, from the options of the command line. */
import { API_PARTS, measureApi } from './api/api.ts';
import type { BenchSystem } from './bench-system.ts';
import { measureCold } from './cold.ts';
import { measureDuplicates } from './duplicates.ts';
import { measureFairness } from './fairness.ts';
import { measureIdleLatency } from './idle-latency.ts';
import { measureIsolation, TROUBLE_NAMES } from './isolation.ts';
import { LIMIT_PARTS, measureLimits } from './limits.ts';
import { measurePublishFile } from './publish-file.ts';
import { measurePublish } from './publish.ts';
import { measureRatios } from './ratios.ts';
import { LANES } from '../shared/task/task.ts';
import { CREW_NAMES, measureUrgent } from './urgent.ts';
import { measureBacklog } from './warm/backlog.ts';
import { measureVariant, VARIANT_NAMES } from './warm/variants.ts';
import { measureWarm } from './warm/warm.ts';

/** As they were typed; what is absent has a default that depends on the scenario. */
export interface BenchOptions {
  readonly workers?: string | undefined;
  readonly seconds?: string | undefined;
  readonly only?: string | undefined;
  readonly lane?: string | undefined;
  readonly samples?: string | undefined;
  readonly backlog?: string | undefined;
  readonly tasks?: string | undefined;
  readonly rounds?: string | undefined;
  readonly large?: string | undefined;
  readonly small?: string | undefined;
}

export type Scenario = (system: BenchSystem) => Promise<readonly object[]>;

const SHORT: BenchOptions = { tasks: '24000' };
/**
 * The full run: everything that speaks of speed, in this order, within half an hour. Limits, isolation and the HTTP API
 * have runs of their own.
 */
export const FULL: Readonly<Record<string, BenchOptions>> = {
  publish: {},
  'publish-file': {},
  idle: {},
  warm: SHORT,
  ...Object.fromEntries(VARIANT_NAMES.map((name) => [name, SHORT])),
  cold: {},
  duplicates: {},
  urgent: { only: 'roles', samples: '30' },
  backlog: {},
};

export function scenariosOf(
  options: BenchOptions,
  say: (line: string) => void,
): Readonly<Record<string, Scenario>> {
  const number = (name: keyof BenchOptions, otherwise: number): number => Number(options[name] ?? otherwise);
  const contest = { tasks: number('tasks', 60_000), rounds: number('rounds', 3), say };
  return {
    limits: (system) =>
      measureLimits(system, {
        parts: chosen(options.only, LIMIT_PARTS),
        workerCounts: (options.workers ?? '1,3,10').split(',').map(Number),
        seconds: number('seconds', 105),
        say,
      }),
    duplicates: async (system) => [await measureDuplicates(system, say)],
    isolation: (system) =>
      measureIsolation(system, {
        lanes: chosen(options.lane, LANES),
        troubles: chosen(options.only, TROUBLE_NAMES),
        seconds: number('seconds', 120),
        say,
      }),
    urgent: (system) =>
      measureUrgent(system, {
        crews: chosen(options.only, CREW_NAMES),
        samples: number('samples', 100),
        backlog: number('backlog', 100_000),
        say,
      }),
    warm: (system) => measureWarm(system, { ...contest, only: options.only?.split(',') ?? [] }),
    ...Object.fromEntries(
      VARIANT_NAMES.map((name): [string, Scenario] => [
        name,
        (system) => measureVariant(system, name, contest),
      ]),
    ),
    backlog: (system) => measureBacklog(system, { backlog: number('backlog', 1_000_000), say }),
    'publish-file': async (system) => [
      await measurePublishFile(system, { rows: number('tasks', 1_000_000), say }),
    ],
    cold: (system) => measureCold(system, say),
    publish: async (system) => [await measurePublish(system, contest)],
    idle: async (system) => [await measureIdleLatency(system, number('tasks', 1_000))],
    quick: async (system) => [
      await measureRatios(system, { tasks: number('tasks', 14_000), rounds: number('rounds', 1), say }),
    ],
    api: (system) => measureApi(system, { parts: chosen(options.only, API_PARTS), say }),
    fairness: async (system) => [
      await measureFairness(system, {
        large: number('large', 200_000),
        small: number('small', 100),
        rounds: number('samples', 5),
        say,
      }),
    ],
  };
}

/** Those that are named, or all. Throws for a name that is none of them. */
function chosen<Name extends string>(named: string | undefined, all: readonly Name[]): readonly Name[] {
  const names = named?.split(',') ?? all;
  const unknown = names.find((name) => !all.some((one) => one === name));
  if (unknown !== undefined) throw new Error(`expected one of ${all.join(', ')}, got '${unknown}'`);
  return all.filter((one) => names.includes(one));
}
