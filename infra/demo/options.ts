import { parseArgs } from 'node:util';

export interface DemoOptions {
  readonly action: 'run' | 'stop' | 'help';
  readonly isLive: boolean;
  /** Rows of each file; undefined = all. */
  readonly limit: number | undefined;
  readonly isKept: boolean;
  readonly isJson: boolean;
  /** Of the stack: two of different names share nothing. */
  readonly stack: string;
}

/** Thrown for arguments that make no sense; the process exits 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const HELP = `usage: npm run demo [-- options]

Enriches 3,201 movies and 260 tracks through RabbitMQ, Redis and PostgreSQL, against a local sandbox that
speaks the protocols of the metadata services, at 20 times their real limits and a tenth of their latency.
Nothing leaves this machine, whatever credentials the environment holds.

  --keep        leave servers, workers and sandbox up; the next demo uses them and what they know
  --stop        stop what --keep left, and remove its data
  --json        one JSON document on stdout instead of tables (npm run -s demo -- --json)
  --limit <n>   only the first n rows of each file
  --live        ask the real services, with the credentials of the environment, at their real limits;
                needs --limit
  --name <name> of the stack and everything that runs on it (default demo)
  --help        this text

Exit codes: 0 everything published was settled, 1 not everything or something failed, 2 usage, 130 Ctrl-C.
`;

/** Throws UsageError. */
export function parseOptions(args: readonly string[]): DemoOptions {
  const { keep, stop, json, limit, live, name, help } = valuesOf(args);
  const rows = limit === undefined ? undefined : Number(limit);
  if (rows !== undefined && !(Number.isInteger(rows) && rows > 0)) {
    throw new UsageError(`--limit: expected a number of rows, got '${limit ?? ''}'`);
  }
  // At real limits all rows take an hour and a day's quota.
  if (live && rows === undefined) throw new UsageError('--live needs --limit, such as --live --limit 50');
  return {
    action: help ? 'help' : stop ? 'stop' : 'run',
    isLive: live,
    limit: rows,
    isKept: keep,
    isJson: json,
    stack: name,
  };
}

function valuesOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        keep: { type: 'boolean', default: false },
        stop: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        limit: { type: 'string' },
        live: { type: 'boolean', default: false },
        name: { type: 'string', default: 'demo' },
        help: { type: 'boolean', default: false, short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}
