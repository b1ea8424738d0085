/** `npm run -s migrate -- up | down [count] | status`: exit 0 done, 1 failed, 2 misused. */
import { resolve } from 'node:path';
import { migrate, migrationStatus, rollback } from '../../shared/postgres/migrate.ts';
import { ConfigError, readSettings } from '../../shared/runtime/environment.ts';
import { settings } from './config.ts';

/** Relative to the root of the package, where npm and the image run it: compiled code lies deeper than its source. */
const DIRECTORY = resolve('infra/postgres/migrations');

const USAGE = `usage: npm run -s migrate -- up            applies what is pending
       npm run -s migrate -- down [count]  takes the last ones back (1), with what is stored in them
       npm run -s migrate -- status        lists them`;

class UsageError extends Error {}

function print(lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}

async function run([command, argument]: readonly string[]): Promise<void> {
  if (command === '--help') {
    print([USAGE]);
    return;
  }
  if (command !== 'up' && command !== 'down' && command !== 'status') throw new UsageError(USAGE);
  const { databaseUrl } = readSettings(settings);
  if (command === 'status') {
    const all = await migrationStatus(databaseUrl, DIRECTORY);
    print(
      all.map(({ name, state, appliedAt }) =>
        `${state.padEnd(8)} ${name} ${appliedAt?.toISOString() ?? ''}`.trimEnd(),
      ),
    );
    return;
  }
  if (command === 'up') {
    const applied = await migrate(databaseUrl, DIRECTORY);
    print(applied.length > 0 ? applied.map((name) => `applied ${name}`) : ['nothing to apply']);
    return;
  }
  const count = Number(argument ?? 1);
  if (!Number.isInteger(count) || count < 1) throw new UsageError(USAGE);
  const undone = await rollback(databaseUrl, DIRECTORY, count);
  print(undone.length > 0 ? undone.map((name) => `rolled back ${name}`) : ['nothing to roll back']);
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = error instanceof UsageError || error instanceof ConfigError ? 2 : 1;
}
