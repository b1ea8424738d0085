import { parseArgs } from 'node:util';
import type { QueueType } from './fault.ts';
import { DEFAULT_IDS, FAULTS } from './rows/catalogue.ts';

export const HELP = `usage: npm run -s faults -- [options]

Breaks real servers and workers under load, and checks that nothing is lost. Starts servers of its own and harms no others.

  --only F09,F22   these faults
  --all            all faults; without it and --only a set of five minutes
  --type <type>    classic (default) or quorum work queues; faults of the queues themselves always run on both
  --broker-image <name>  the broker from this container image instead of the machine's, such as rabbitmq:4-management
  --seed <n>       of the load and of the sandbox (default 1)
  --json           one JSON document on stdout
  --page <file>    writes the table of docs/reliability.md from the document of a run; may be given more than once
  --list           the faults
  --help           this text
`;

export interface Options {
  readonly ids: readonly string[];
  readonly queueType: QueueType;
  readonly seed: number;
  readonly json: boolean;
  readonly brokerImage?: string;
  readonly show?: 'help' | 'list';
  /** Documents of runs to make the page from, instead of running. */
  readonly pageOf: readonly string[];
}

/** Throws with what is wrong. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      all: { type: 'boolean', default: false },
      type: { type: 'string', default: 'classic' },
      'broker-image': { type: 'string' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      page: { type: 'string', multiple: true, default: [] },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false, short: 'h' },
    },
  });
  const { type, seed, json, 'broker-image': brokerImage } = values;
  if (type !== 'classic' && type !== 'quorum')
    throw new Error(`--type: expected classic or quorum, got '${type}'`);
  if (!/^\d{1,9}$/.test(seed)) throw new Error(`--seed: expected a number, got '${seed}'`);
  return {
    ids: chosen(values),
    queueType: type,
    seed: Number(seed),
    json,
    pageOf: values.page,
    ...(brokerImage === undefined ? {} : { brokerImage }),
    ...(values.help ? { show: 'help' } : values.list ? { show: 'list' } : {}),
  };
}

function chosen({ only, all }: { only?: string; all: boolean }): readonly string[] {
  const known = FAULTS.map(({ id }) => id);
  if (only === undefined) return all ? known : DEFAULT_IDS.filter((id) => known.includes(id));
  const ids = only.split(',').map((id) => id.trim().toUpperCase());
  const unknown = ids.filter((id) => !known.includes(id));
  if (unknown.length > 0)
    throw new Error(`--only: unknown ${unknown.join(', ')}; there are ${known.join(', ')}`);
  return ids;
}
