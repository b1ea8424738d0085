import type { StackUrls } from '../local-stack/state.ts';

export interface Kept {
  readonly urls: StackUrls;
  /** Its name. */
  readonly stack: string;
  readonly owner: string;
  readonly isKept: boolean;
}

/** Where to look now. */
export function nextSteps({ urls, stack, owner, isKept }: Kept): string {
  if (!isKept) {
    return [
      'Where to look next',
      '  npm run demo -- --keep     the same, with everything left up for a look at the queues and the rows',
      '  npm start                  the system for your own files: npx enrich publish <file>',
    ].join('\n');
  }
  const { origin, username, password } = new URL(urls.RABBITMQ_MANAGEMENT_URL);
  return [
    'Everything is still up. Where to look next',
    `  ${origin}     RabbitMQ management, login ${username}`,
    `                             password ${password}`,
    `  eval "$(npm run -s stack -- env --name ${stack})"`,
    `  psql "$DATABASE_URL" -c "select submitted_title, title, year, genres`,
    `    from enriched_movies where owner = '${owner}' limit 20"`,
    '  npm run demo -- --keep     once more: every record is known, nobody is asked',
    '  npm run demo -- --stop     stops it and removes its data',
  ].join('\n');
}
