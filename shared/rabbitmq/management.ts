/** The few questions that only the management API answers. */

const TIMEOUT_MS = 5_000;

export interface ManagementApi {
  /** Arguments with which the queue was declared; undefined when the API does not say. */
  queueArguments(queue: string): Promise<Readonly<Record<string, unknown>> | undefined>;
}

/**
 * @param managementUrl base URL with credentials, such as http://user:password@127.0.0.1:15672; empty = no API
 * @param amqpUrl names the virtual host
 */
export function openManagement(managementUrl: string, amqpUrl: string): ManagementApi {
  const path = new URL(amqpUrl).pathname.slice(1);
  const vhost = encodeURIComponent(path === '' ? '/' : decodeURIComponent(path));
  return {
    async queueArguments(queue) {
      if (managementUrl === '') return undefined;
      const reply = await get(managementUrl, `/api/queues/${vhost}/${encodeURIComponent(queue)}`);
      return (reply as { arguments?: Record<string, unknown> } | undefined)?.arguments;
    },
  };
}

async function get(base: string, path: string): Promise<unknown> {
  const url = new URL(base);
  const login = Buffer.from(
    `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`,
  ).toString('base64');
  const address = `${url.origin}${url.pathname.replace(/\/$/, '')}${path}`;
  try {
    const response = await fetch(address, {
      headers: { authorization: `Basic ${login}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}
