/** The few questions that only the management API answers. */

const TIMEOUT_MS = 5_000;

export interface LiveQueue {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** What policies add to the arguments. */
  readonly policy: Readonly<Record<string, unknown>>;
  readonly messages: number;
}

export interface LiveBinding {
  readonly exchange: string;
  readonly queue: string;
  readonly key: string;
}

export interface LiveConsumer {
  readonly queue: string;
  /** Deliveries that it holds at most; 0 = any number. */
  readonly prefetch: number;
}

export interface BrokerNode {
  readonly name: string;
  readonly isRunning: boolean;
  readonly hasMemoryAlarm: boolean;
  readonly hasDiskAlarm: boolean;
  readonly memoryBytes: number;
  readonly memoryLimitBytes: number;
  readonly diskFreeBytes: number;
  readonly diskLimitBytes: number;
  /** Nodes that it does not see though they run. */
  readonly partitions: readonly string[];
}

/** Each answer is undefined when the API is not known, does not answer, or does not tell this user. */
export interface ManagementApi {
  /** Arguments with which the queue was declared. */
  queueArguments(queue: string): Promise<Readonly<Record<string, unknown>> | undefined>;
  queues(): Promise<readonly LiveQueue[] | undefined>;
  /** Of exchanges with names to queues. */
  bindings(): Promise<readonly LiveBinding[] | undefined>;
  consumers(): Promise<readonly LiveConsumer[] | undefined>;
  nodes(): Promise<readonly BrokerNode[] | undefined>;
}

/**
 * @param managementUrl base URL with credentials, such as http://user:password@127.0.0.1:15672; empty = no API
 * @param amqpUrl names the virtual host
 */
export function openManagement(managementUrl: string, amqpUrl: string): ManagementApi {
  const path = new URL(amqpUrl).pathname.slice(1);
  const vhost = encodeURIComponent(path === '' ? '/' : decodeURIComponent(path));
  const ask = async (what: string): Promise<unknown> =>
    managementUrl === '' ? undefined : get(managementUrl, what);
  const list = async <T>(what: string, read: (one: Wire) => T): Promise<readonly T[] | undefined> => {
    const reply = await ask(what);
    return Array.isArray(reply) ? reply.map((one) => read(one as Wire)) : undefined;
  };
  return {
    async queueArguments(queue) {
      const reply = await ask(`/api/queues/${vhost}/${encodeURIComponent(queue)}`);
      return (reply as { arguments?: Record<string, unknown> } | undefined)?.arguments;
    },
    queues: () => list(`/api/queues/${vhost}`, queueOf),
    bindings: async () =>
      (
        await list(`/api/bindings/${vhost}`, ({ source, destination, routing_key: key }) => ({
          exchange: String(source),
          queue: String(destination),
          key: String(key),
        }))
      )?.filter(({ exchange }) => exchange !== ''),
    consumers: () =>
      list(`/api/consumers/${vhost}`, ({ queue, prefetch_count: prefetch }) => ({
        queue: String((queue as Wire | undefined)?.['name']),
        prefetch: Number(prefetch),
      })),
    nodes: () => list('/api/nodes', nodeOf),
  };
}

type Wire = Readonly<Record<string, unknown>>;

/** What is new is not counted yet: such a queue has neither messages nor a policy for some seconds. */
const queueOf = ({
  name,
  arguments: own,
  effective_policy_definition: policy,
  messages,
}: Wire): LiveQueue => ({
  name: String(name),
  arguments: (own ?? {}) as Wire,
  policy: (policy ?? {}) as Wire,
  messages: Number(messages ?? 0),
});

const nodeOf = (node: Wire): BrokerNode => ({
  name: String(node['name']),
  isRunning: node['running'] === true,
  hasMemoryAlarm: node['mem_alarm'] === true,
  hasDiskAlarm: node['disk_free_alarm'] === true,
  memoryBytes: Number(node['mem_used'] ?? 0),
  memoryLimitBytes: Number(node['mem_limit'] ?? 0),
  diskFreeBytes: Number(node['disk_free'] ?? 0),
  diskLimitBytes: Number(node['disk_free_limit'] ?? 0),
  partitions: ((node['partitions'] ?? []) as readonly unknown[]).map(String),
});

async function get(base: string, path: string): Promise<unknown> {
  const url = new URL(base);
  const login = Buffer.from(
    `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`,
  ).toString('base64');
  const address = `${url.origin}${url.pathname.replace(/\/$/, '')}${path}`;
  try {
    const response = await fetch(address, {
      // Not kept: the broker hangs up after five idle seconds, and a busy process would ask on a dead connection.
      headers: { authorization: `Basic ${login}`, connection: 'close' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}
