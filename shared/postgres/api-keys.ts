/** Keys of the HTTP API; their secrets are hashed before they get here. */
import type { Client } from './dead-letters.ts';

export interface StoredKey {
  readonly keyId: string;
  readonly secretHash: Buffer;
  readonly owner: string;
  readonly name: string;
  readonly scope: string;
  readonly maxRunningJobs: number | null;
  readonly maxRows: number | null;
  readonly createdAt: Date;
  readonly createdBy: string;
  /** Null = never. */
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  /** To the minute. */
  readonly lastUsedAt: Date | null;
  readonly replaces: string | null;
}

export type NewKey = Omit<StoredKey, 'createdAt' | 'revokedAt' | 'lastUsedAt'>;

const COLUMNS = `key_id as "keyId", secret_hash as "secretHash", owner, name, scope,
  max_running_jobs as "maxRunningJobs", max_rows::float8 as "maxRows", created_at as "createdAt",
  created_by as "createdBy", expires_at as "expiresAt", revoked_at as "revokedAt", last_used_at as "lastUsedAt", replaces`;

export async function insertKey(client: Client, key: NewKey): Promise<void> {
  const { keyId, secretHash, owner, name, scope, maxRunningJobs, maxRows, createdBy, expiresAt, replaces } =
    key;
  await client.query(
    `insert into api_keys (key_id, secret_hash, owner, name, scope, max_running_jobs, max_rows, created_by, expires_at, replaces)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [keyId, secretHash, owner, name, scope, maxRunningJobs, maxRows, createdBy, expiresAt, replaces],
  );
}

/** In whatever state: whether it still counts is for the caller to judge. */
export async function findKey(client: Client, keyId: string): Promise<StoredKey | undefined> {
  const { rows } = await client.query<StoredKey>(`select ${COLUMNS} from api_keys where key_id = $1`, [
    keyId,
  ]);
  return rows[0];
}

/** The newest first. */
export async function listKeys(client: Client): Promise<readonly StoredKey[]> {
  const { rows } = await client.query<StoredKey>(
    `select ${COLUMNS} from api_keys order by created_at desc, key_id`,
  );
  return rows;
}

/** False when there is no such key, or it is revoked already. */
export async function revokeKey(client: Client, keyId: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `update api_keys set revoked_at = now() where key_id = $1 and revoked_at is null`,
    [keyId],
  );
  return (rowCount ?? 0) > 0;
}

/** Revokes all of that name, and returns their ids. */
export async function revokeKeysNamed(client: Client, name: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ key_id: string }>(
    `update api_keys set revoked_at = now() where name = $1 and revoked_at is null returning key_id`,
    [name],
  );
  return rows.map(({ key_id: keyId }) => keyId);
}

/** Brings its end forward, never back. */
export async function expireKey(client: Client, keyId: string, at: Date): Promise<void> {
  await client.query(
    `update api_keys set expires_at = least(coalesce(expires_at, $2), $2) where key_id = $1`,
    [keyId, at],
  );
}

/** Written once a minute at most, whatever the number of requests and processes. */
export async function markKeyUsed(client: Client, keyId: string): Promise<void> {
  await client.query(
    `update api_keys set last_used_at = now()
     where key_id = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute')`,
    [keyId],
  );
}
