/** Making, replacing and ending of API keys; every change is in the audit log. */
import { insertAuditEntry } from '../postgres/audit-log.ts';
import { expireKey, findKey, insertKey, revokeKey, revokeKeysNamed } from '../postgres/api-keys.ts';
import { type Pool, withTransaction } from '../postgres/pool.ts';
import { hashSecret, keyText, makeKey, type Scope } from './api-key.ts';

export interface KeyWish {
  readonly name: string;
  readonly owner: string;
  readonly scope: Scope;
  /** Absent = until it is revoked. */
  readonly expiresAt?: Date;
  readonly maxRunningJobs?: number;
  readonly maxRows?: number;
}

export interface MadeKey {
  readonly keyId: string;
  /** The key itself: said now and never again. */
  readonly text: string;
}

interface Access {
  readonly pool: Pool;
  /** For the audit log. */
  readonly actor: string;
}

export const createKey = (access: Access, wish: KeyWish): Promise<MadeKey> => make(access, wish, null);

/** As `createKey`, and revokes every other key of that name: for callers that want one key of theirs at a time. */
export async function createOnlyKey(access: Access, wish: KeyWish): Promise<MadeKey> {
  await revokeKeysNamed(access.pool, wish.name);
  return make(access, wish, null);
}

/**
 * A new key with the rights of an old one, which both count until the old one ends after `overlapMs`. Undefined when the
 * old one does not exist or counts no more.
 */
export async function rotateKey(
  access: Access,
  keyId: string,
  overlapMs: number,
): Promise<MadeKey | undefined> {
  const old = await findKey(access.pool, keyId);
  if (old === undefined || !isValid(old)) return undefined;
  const { name, owner, scope, expiresAt, maxRunningJobs, maxRows } = old;
  const wish = {
    name,
    owner,
    scope: scope as Scope,
    ...(expiresAt !== null && { expiresAt: sameSpan(old.createdAt, expiresAt) }),
    ...(maxRunningJobs !== null && { maxRunningJobs }),
    ...(maxRows !== null && { maxRows }),
  };
  return make(access, wish, { keyId, endsAt: new Date(Date.now() + overlapMs) });
}

/** False when there is no such key, or it is revoked already. Processes notice within seconds. */
export const endKey = ({ pool, actor }: Access, keyId: string): Promise<boolean> =>
  withTransaction(pool, async (client) => {
    const wasValid = await revokeKey(client, keyId);
    if (wasValid) await insertAuditEntry(client, { actor, action: 'key.revoke', target: keyId, detail: {} });
    return wasValid;
  });

/** Whether a key still counts, by this machine's clock. */
export const isValid = (
  { revokedAt, expiresAt }: { readonly revokedAt: Date | null; readonly expiresAt: Date | null },
  now = Date.now(),
): boolean => revokedAt === null && (expiresAt === null || expiresAt.getTime() > now);

/** As long from now on as it was at the beginning. */
const sameSpan = (from: Date, to: Date): Date => new Date(Date.now() + to.getTime() - from.getTime());

async function make(
  { pool, actor }: Access,
  wish: KeyWish,
  old: { readonly keyId: string; readonly endsAt: Date } | null,
): Promise<MadeKey> {
  const parts = makeKey();
  const { name, owner, scope, expiresAt = null, maxRunningJobs = null, maxRows = null } = wish;
  await withTransaction(pool, async (client) => {
    await insertKey(client, {
      keyId: parts.keyId,
      secretHash: hashSecret(parts.secret),
      owner,
      name,
      scope,
      maxRunningJobs,
      maxRows,
      createdBy: actor,
      expiresAt,
      replaces: old?.keyId ?? null,
    });
    if (old !== null) await expireKey(client, old.keyId, old.endsAt);
    await insertAuditEntry(client, {
      actor,
      action: old === null ? 'key.create' : 'key.rotate',
      target: parts.keyId,
      detail: {
        owner,
        name,
        scope,
        expires_at: expiresAt?.toISOString() ?? null,
        replaces: old?.keyId ?? null,
      },
    });
  });
  return { keyId: parts.keyId, text: keyText(parts) };
}
