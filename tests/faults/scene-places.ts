/** A database and a virtual host under one name, which nobody else uses and which go with the scene. */
import { manage } from '../management-api.ts';
import { dropDatabase, runAlone } from '../template-database.ts';
import type { FaultStack } from './fault-stack.ts';

export interface Places {
  readonly name: string;
  /** Migrated database that is copied. */
  readonly template: string;
}

/** Calls `onClose` with how to take away each of them as soon as it is there. */
export async function openPlaces(
  { urls }: FaultStack,
  { name, template }: Places,
  onClose: (closing: () => Promise<void>) => void,
): Promise<void> {
  const { RABBITMQ_MANAGEMENT_URL: management, RABBITMQ_URL: broker, DATABASE_URL: database } = urls;
  await runAlone(database, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  onClose(async () => {
    await dropDatabase(database, name);
  });
  await manage(management, { method: 'PUT', path: `/api/vhosts/${name}` });
  onClose(async () => {
    await manage(management, { method: 'DELETE', path: `/api/vhosts/${name}` });
  });
  const all = { configure: '.*', write: '.*', read: '.*' };
  const path = `/api/permissions/${name}/${new URL(broker).username}`;
  await manage(management, { method: 'PUT', path, body: all });
}
