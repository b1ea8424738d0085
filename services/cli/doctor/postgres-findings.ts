import type { PostgresFacts } from '../../../shared/postgres/inspect-postgres.ts';
import { clockFindings } from './clock-findings.ts';
import { type Finding, finding, when } from './finding.ts';

/** The oldest release that its makers still mend. */
const OLDEST = 140_000;
const BUSY_SHARE = 0.8;
const MIGRATE = 'npm run -s migrate -- up   (compose: docker compose up -d migration)';

export function postgresFindings(facts: PostgresFacts): readonly Finding[] {
  const { version, user, pooler, connections, maxConnections } = facts;
  const named = `PostgreSQL ${Math.floor(version / 10_000)}.${version % 10_000}`;
  const way = pooler === 'none' ? 'directly' : `through a pool in ${pooler} mode`;
  return [
    finding('postgres.reached', 'ok', `${named}, as ${user}, ${way}`),
    ...when(
      version < OLDEST,
      finding(
        'postgres.version',
        'warning',
        `${named} gets no corrections any more`,
        'upgrade to 14 or newer',
      ),
    ),
    ...when(
      facts.isReadOnly,
      finding(
        'postgres.read_only',
        'error',
        'the database takes no writes: a standby, or set read-only',
        'DATABASE_URL has to name the primary',
      ),
    ),
    ...when(
      pooler === 'session',
      finding(
        'postgres.pool_mode',
        'warning',
        'the pool seems to work in session mode: each worker keeps a connection of the server',
        'pool_mode = transaction in pgbouncer.ini',
      ),
    ),
    ...when(
      pooler === 'none' && connections > maxConnections * BUSY_SHARE,
      finding(
        'postgres.connections',
        'warning',
        `${connections} of ${maxConnections} connections are in use`,
        'put pgbouncer in between, or raise max_connections; docs/scaling.md has the budget',
      ),
    ),
    ...migrationFindings(facts),
    ...when(
      facts.forbiddenTables.length > 0,
      finding(
        'postgres.permissions',
        'error',
        `${user} may not read and write rows of ${facts.forbiddenTables.join(', ')}`,
        `grant enrichment_services to ${user}   (infra/postgres/roles.sql makes the role)`,
      ),
    ),
    ...clockFindings('Postgres', facts),
  ];
}

function migrationFindings({ migrations }: PostgresFacts): readonly Finding[] {
  const check = 'postgres.migrations';
  if (migrations === undefined) return [finding(check, 'error', 'no migration was ever applied', MIGRATE)];
  const { pending, changed, unknown } = migrations;
  const found = [
    ...when(pending.length > 0, finding(check, 'error', `not applied: ${pending.join(', ')}`, MIGRATE)),
    ...when(
      changed.length > 0,
      finding(
        check,
        'error',
        `applied with another text: ${changed.join(', ')}`,
        'check out the release that was deployed; corrections are migrations of their own',
      ),
    ),
    ...when(
      unknown.length > 0,
      finding(
        check,
        'notice',
        `of a newer release: ${unknown.join(', ')}`,
        'use the command of that release',
      ),
    ),
  ];
  return found.length > 0 ? found : [finding(check, 'ok', 'all migrations are applied')];
}
