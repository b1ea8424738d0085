/** `npm run -s stack -- up | down [--purge] | status [--json] | env`, each with `[--name <stack>]`. */
import { parseArgs } from 'node:util';

import { startStack, stackStatus, stopStack, type StackStatus } from './stack.ts';
import type { StackUrls } from './state.ts';

const usage = `usage: npm run -s stack -- up | down [--purge] | status [--json] | env   [--name <stack>]`;
const help = `${usage}

RabbitMQ, Redis and PostgreSQL of this clone, private to it, on free ports.

  up              starts what does not run yet, and applies the migrations
  down            stops what up started and keeps the data; --purge removes it
  status          what runs, where; exit code 1 when something does not. --json for programs
  env             the addresses as shell assignments: eval "$(npm run -s stack -- env)"
  --name <stack>  another stack beside the usual one, which is called main
  --help          this text`;
const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      name: { type: 'string', default: 'main' },
      purge: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { name, purge, json } = values;
  if (values.help) {
    print(help);
    return 0;
  }
  switch (positionals.join(' ')) {
    case 'up':
      return up(name);
    case 'down':
      return down(name, purge);
    case 'status':
      return showStatus(await stackStatus({ name }), json);
    case 'env':
      return showEnvironment(await stackStatus({ name }));
    default:
      say(usage);
      return 2;
  }
}

async function up(name: string): Promise<number> {
  const started = Date.now();
  // The data of the tests' stack is theirs to lose, whoever starts it.
  const urls = await startStack({ name, disposable: name === 'test', report: say });
  say(
    `The stack is up (${((Date.now() - started) / 1_000).toFixed(1)} s). Its addresses: npm run -s stack -- env`,
  );
  print(`RabbitMQ    ${withoutLogin(urls.RABBITMQ_URL)}`);
  print(`management  ${withoutLogin(urls.RABBITMQ_MANAGEMENT_URL)}`);
  print(`Redis       ${withoutLogin(urls.REDIS_URL)}`);
  print(`PostgreSQL  ${withoutLogin(urls.DATABASE_URL)}`);
  return 0;
}

async function down(name: string, purge: boolean): Promise<number> {
  if (await stopStack({ name, purge, report: say })) {
    say(purge ? 'Stopped; the data is removed' : 'Stopped; the data is kept');
  } else {
    say('ENRICHMENT_STACK=external: the servers are not ours to stop');
  }
  return 0;
}

function showStatus(status: StackStatus | undefined, json: boolean): number {
  const serves = status?.servers.every((server) => server.problem === undefined) ?? false;
  if (json) {
    const { source = null, servers = [] } = status ?? {};
    print(JSON.stringify({ up: serves, source, servers }, null, 2));
  } else if (!status) {
    print('not started');
  } else {
    print(`source      ${status.source}`);
    for (const { name, pid, ports, problem } of status.servers) {
      const where = Object.entries(ports).map(([port, number]) => `${port} ${number}`);
      const process = pid === undefined ? [] : [`pid ${pid}`];
      print(`${name.padEnd(10)}  ${[problem ?? 'up', ...process, ...where].join(', ')}`);
    }
  }
  return serves ? 0 : 1;
}

/** Nothing but assignments on stdout, so that `eval "$(npm run -s stack -- env)"` is all it takes. */
function showEnvironment(status: StackStatus | undefined): number {
  const down = status?.servers.filter((server) => server.problem !== undefined);
  if (!status || !down || down.length > 0) {
    const names =
      down?.map((server) => `${server.name}: ${server.problem ?? ''}`).join('; ') ?? 'not started';
    say(`the stack is not up (${names}); start it with: npm run -s stack -- up`);
    return 1;
  }
  for (const [name, value] of Object.entries(status.urls) as [keyof StackUrls, string][]) {
    print(`export ${name}='${value.replaceAll("'", "'\\''")}'`);
  }
  return 0;
}

function withoutLogin(address: string): string {
  const url = new URL(address);
  url.username = '';
  url.password = '';
  return url.href;
}

try {
  process.exitCode = await main();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
