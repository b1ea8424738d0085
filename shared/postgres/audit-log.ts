import type { Fields } from '../task/fields.ts';
import type { Client } from './dead-letters.ts';
import { textOfJson } from './storable-json.ts';

export interface AuditEntry {
  /** Who did it: a login and the machine. */
  readonly actor: string;
  /** `dlq.replay`, `dlq.discard`, … */
  readonly action: string;
  readonly target: string;
  readonly detail: Fields;
}

/** Writes down what somebody did. Entries are never changed: what came of it is another entry. */
export async function insertAuditEntry(client: Client, entry: AuditEntry): Promise<void> {
  const { actor, action, target, detail } = entry;
  await client.query('insert into audit_log (actor, action, target, detail) values ($1, $2, $3, $4::jsonb)', [
    actor,
    action,
    target,
    textOfJson(detail),
  ]);
}
