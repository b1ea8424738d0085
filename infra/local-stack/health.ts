/** Whether the servers behind the addresses really serve: a listening port proves nothing. */
import { checkAmqp } from './amqp-login.ts';
import { exchange } from './exchange.ts';
import type { ServerName, ServerStatus } from './private-server.ts';
import type { StackUrls } from './state.ts';

const TIMEOUT_MS = 2_000;

/** RabbitMQ: its user may open its virtual host, and the management API knows the user. Throws with the reason otherwise. */
export async function checkRabbitmq(
  urls: Pick<StackUrls, 'RABBITMQ_URL' | 'RABBITMQ_MANAGEMENT_URL'>,
): Promise<void> {
  await checkAmqp(urls.RABBITMQ_URL, TIMEOUT_MS);
  const address = new URL('/api/whoami', urls.RABBITMQ_MANAGEMENT_URL);
  const login = `${decodeURIComponent(address.username)}:${decodeURIComponent(address.password)}`;
  // fetch refuses an address that carries a login.
  address.username = '';
  address.password = '';
  const response = await fetch(address, {
    headers: { authorization: `Basic ${Buffer.from(login).toString('base64')}` },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`the management API answers ${response.status}`);
}

/** Redis: accepts the password and answers PING. Throws with the reason otherwise. */
export async function checkRedis(urls: Pick<StackUrls, 'REDIS_URL'>): Promise<void> {
  const { username, password } = new URL(urls.REDIS_URL);
  const login = [username, password].map(decodeURIComponent).filter((word) => word !== '');
  const command = (...words: string[]): string =>
    `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
  const opening = Buffer.from((login.length > 0 ? command('AUTH', ...login) : '') + command('PING'));
  await exchange(urls.REDIS_URL, { port: 6379, timeoutMs: TIMEOUT_MS, opening }, (_socket, received) => {
    const text = received.toString();
    const refusal = /^-(.*)\r\n/m.exec(text)?.[1];
    if (refusal !== undefined) throw new Error(refusal);
    return text.includes('+PONG\r\n') ? 'done' : 'more';
  });
}

/**
 * PostgreSQL: asks for a password, which it does not while it starts, recovers or shuts down. Whether it takes this one is seen
 * by the first query.
 */
async function checkPostgres(urls: Pick<StackUrls, 'DATABASE_URL'>): Promise<void> {
  const { username, pathname } = new URL(urls.DATABASE_URL);
  const words = ['user', decodeURIComponent(username), 'database', decodeURIComponent(pathname.slice(1)), ''];
  const body = Buffer.from(words.map((word) => `${word}\0`).join(''));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8, 0);
  head.writeUInt32BE(3 * 65_536, 4);
  const options = { port: 5432, timeoutMs: TIMEOUT_MS, opening: Buffer.concat([head, body]) };
  await exchange(urls.DATABASE_URL, options, (_socket, received) => {
    if (received.length === 0) return 'more';
    if (received.subarray(0, 1).toString() !== 'R') throw new Error('refuses connections at the moment');
    return 'done';
  });
}

const checks: Record<ServerName, (urls: StackUrls) => Promise<void>> = {
  rabbitmq: checkRabbitmq,
  redis: checkRedis,
  postgres: checkPostgres,
};

/** What keeps a check from passing; undefined when it passes. */
export async function problemWith(check: () => Promise<void>): Promise<string | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    const { message, cause } = error as Error;
    // fetch says "fetch failed" and keeps the reason in its cause.
    return cause instanceof Error ? cause.message : message;
  }
}

/** The state of servers that are not our own processes. */
export async function statusByUrls(urls: StackUrls): Promise<ServerStatus[]> {
  return Promise.all(
    (['rabbitmq', 'redis', 'postgres'] as const).map(async (name) => ({
      name,
      pid: undefined,
      ports: {},
      problem: await problemWith(() => checks[name](urls)),
    })),
  );
}
