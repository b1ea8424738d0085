import type { StackUrls } from '../local-stack/state.ts';
import type { ProviderMode } from './provider-mode.ts';
import type { SystemRecord } from './system-record.ts';

const WIDTH = 24;
/** Of the stack that is meant when none is named. */
const USUAL_NAME = 'main';

/** `apiKey` is known to the start that made it alone: only its hash is kept. */
type Started = Pick<SystemRecord, 'mode' | 'processes'> & { readonly apiKey?: string };

/** Where everything listens, and what to try next. `stack` is its name: commands for another one would miss it. */
export function startReport(stack: string, servers: StackUrls, { mode, processes, apiKey }: Started): string {
  const api = processes.find(({ name }) => name === 'api')?.url;
  const management = new URL(servers.RABBITMQ_MANAGEMENT_URL);
  const rows: [string, string][] = [
    ['RabbitMQ', servers.RABBITMQ_URL],
    ['RabbitMQ management', `${management.origin}   login ${management.username} / ${management.password}`],
    ['Postgres', servers.DATABASE_URL],
    ['Redis', servers.REDIS_URL],
    ...processes.map(({ name, url }): [string, string] => [name, addressOf(name, url ?? '')]),
    ...(apiKey === undefined ? [] : [['API key', `${apiKey}   until the next start`] as [string, string]]),
  ];
  return [
    'The enrichment pipeline is up.',
    '',
    ...rows.map(([name, address]) => `  ${name.padEnd(WIDTH)}${address}`),
    '',
    ...modeLines(mode).map((line) => `  ${line}`),
    '',
    'Try next, in another terminal:',
    '',
    ...(stack === USUAL_NAME ? [] : [`  eval "$(npm run -s stack -- env --name ${stack})"`]),
    '  npx enrich submit examples/tracks.csv --watch',
    '  npx enrich providers --watch',
    `  psql '${servers.DATABASE_URL}' -c 'select title, artist, album, release_date from enriched_tracks limit 5'`,
    ...(api === undefined || apiKey === undefined
      ? []
      : [`  curl -H 'Authorization: Bearer ${apiKey}' ${api}/v1/providers`]),
    '',
    'Ctrl-C stops everything that this command started.',
  ].join('\n');
}

function addressOf(name: string, url: string): string {
  if (name === 'api') return `${url}  ${url}/docs`;
  return name === 'provider-sandbox' ? `${url}/_control/stats` : `${url}/readyz  ${url}/metrics`;
}

function modeLines(mode: ProviderMode): string[] {
  if (mode.kind === 'live') {
    return ['Providers are the real services; those without credentials are left out.'];
  }
  const pace = mode.speed === 1 ? 'their real limits' : `${mode.speed} times their real limits`;
  return [
    `Providers are doubled by the sandbox, at ${pace}: nothing leaves this machine.`,
    'npm start -- --live asks the real services; npm start -- --speed 20 hurries the sandbox.',
  ];
}
