import { eventually } from './harness.ts';
import { manage } from './management-api.ts';

interface BrokerConnection {
  readonly name: string;
  readonly client_properties: { readonly connection_name?: string };
}

/** Cuts the connection of that name from the broker's side, as soon as the broker knows it. */
export async function cutConnection(managementUrl: string, name: string): Promise<void> {
  // The management plugin lists a connection up to five seconds after it was opened.
  await eventually(
    async () => {
      const connections = (await manage(managementUrl, {
        method: 'GET',
        path: '/api/connections',
      })) as BrokerConnection[];
      const found = connections.find(({ client_properties: own }) => own.connection_name === name);
      if (found === undefined) throw new Error(`no connection '${name}' yet`);
      await manage(managementUrl, {
        method: 'DELETE',
        path: `/api/connections/${encodeURIComponent(found.name)}`,
      });
    },
    { timeoutMs: 15_000 },
  );
}
