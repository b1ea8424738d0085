/**
 * At most one sweep works on a dead-letter queue: two would take each other's messages for new ones, and replay or keep
 * the wrong number. The row of an unfinished sweep stays, so that the same request can go on where it stopped.
 */
import type { Fields } from '../task/fields.ts';
import type { Client } from './dead-letters.ts';
import { textOfJson } from './storable-json.ts';

/** Renew it three times within this. A holder that died blocks others for no longer. */
export const LEASE_SECONDS = 30;

export interface LeaseRequest {
  readonly queue: string;
  /** Unique to this run. */
  readonly holder: string;
  readonly request: Fields;
}

export interface Unfinished {
  readonly total: number;
  readonly seen: number;
}

export type Lease =
  /** `name` is that of the sweep, which outlives its holders. */
  | { readonly granted: true; readonly name: string; readonly unfinished?: Unfinished }
  | { readonly granted: false; readonly holder: string };

/** After that long the same request is a new one: what died meanwhile is meant as well. */
const IS_RECENT = `stored.expires_at > now() - interval '1 hour'`;

/** Takes the queue, unless somebody else has it. `unfinished` = the same request stopped before its end. */
export async function takeSweepLease(
  client: Client,
  { queue, holder, request }: LeaseRequest,
): Promise<Lease> {
  const before = await client.query<{ same: boolean; total: string; seen: string }>(
    `select request = $2::jsonb and seen < total and ${IS_RECENT} as same, total, seen from sweeps as stored where queue = $1`,
    [queue, textOfJson(request)],
  );
  const taken = await client.query<{ name: string }>(
    `insert into sweeps as stored (queue, holder, expires_at, request, total)
     values ($1, $2, now() + make_interval(secs => $4), $3::jsonb, 0)
     on conflict (queue) do update
       set holder = excluded.holder, expires_at = excluded.expires_at, request = excluded.request,
         started_at = now(),
         name = case when stored.request = excluded.request and stored.seen < stored.total and ${IS_RECENT}
           then stored.name else excluded.name end
       where stored.holder = '' or stored.expires_at < now()
     returning name`,
    [queue, holder, textOfJson(request), LEASE_SECONDS],
  );
  const name = taken.rows[0]?.name;
  if (name === undefined) {
    const { rows } = await client.query<{ holder: string }>('select holder from sweeps where queue = $1', [
      queue,
    ]);
    return { granted: false, holder: rows[0]?.holder ?? 'somebody else' };
  }
  const [row] = before.rows;
  return row?.same === true
    ? { granted: true, name, unfinished: { total: Number(row.total), seen: Number(row.seen) } }
    : { granted: true, name };
}

/** Keeps the queue and writes down how far the sweep is. False = the lease ran out and somebody else has the queue. */
export async function renewSweepLease(
  client: Client,
  { queue, holder }: Pick<LeaseRequest, 'queue' | 'holder'>,
  progress: Unfinished,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `update sweeps set expires_at = now() + make_interval(secs => $5), total = $3, seen = $4
     where queue = $1 and holder = $2`,
    [queue, holder, progress.total, progress.seen, LEASE_SECONDS],
  );
  return rowCount === 1;
}

/** Leaves the queue; progress of a sweep that is not done stays. Idempotent. */
export async function leaveSweepLease(
  client: Client,
  { queue, holder }: Pick<LeaseRequest, 'queue' | 'holder'>,
  progress: Unfinished,
): Promise<void> {
  await client.query(
    progress.seen >= progress.total
      ? 'delete from sweeps where queue = $1 and holder = $2'
      : `update sweeps set holder = '', expires_at = now(), total = $3, seen = $4 where queue = $1 and holder = $2`,
    progress.seen >= progress.total ? [queue, holder] : [queue, holder, progress.total, progress.seen],
  );
}
