import { CommanderError } from 'commander';
import { ServersUnavailable } from '../../shared/controls/controls.ts';
import { DeskUnavailable } from '../../shared/dead-letters/desk.ts';
import { LetterLineError } from '../../shared/dead-letters/letter-line.ts';
import { SweepBusy } from '../../shared/dead-letters/sweep-letters.ts';
import { InputError } from '../../shared/input/raw-row.ts';
import { PublishError } from '../../shared/rabbitmq/publish-error.ts';
import { ConfigError } from '../../shared/runtime/environment.ts';
import { MessageError } from '../../shared/task/message-error.ts';
import { ApiRefusal, ApiUnreachable } from './api/api-errors.ts';
import { Interruption } from './interruption.ts';
import { NotFound } from './not-found.ts';
import { ComposeError } from './scale/compose.ts';

/** What scripts may rely on. 69 and 75 are those of sysexits.h: not there at all, and not there now. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  someRejected: 3,
  credentials: 4,
  notFound: 5,
  rateLimited: 6,
  unavailable: 69,
  temporary: 75,
  interrupted: 130,
} as const;

/** The exit code that an error stands for. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof ConfigError || error instanceof InputError) return EXIT.usage;
  if (error instanceof LetterLineError || error instanceof MessageError) return EXIT.usage;
  if (error instanceof SweepBusy || error instanceof DeskUnavailable) return EXIT.temporary;
  if (error instanceof NotFound) return EXIT.notFound;
  if (error instanceof ApiRefusal) return exitCodeOfStatus(error.refusal.status);
  if (error instanceof ApiUnreachable || error instanceof ServersUnavailable) return EXIT.temporary;
  if (error instanceof Interruption) return EXIT.interrupted;
  if (!(error instanceof PublishError)) return EXIT.failure;
  return error.reason === 'unroutable' ? EXIT.unavailable : EXIT.temporary;
}

function exitCodeOfStatus(status: number): number {
  if (status === 401 || status === 403) return EXIT.credentials;
  if (status === 404) return EXIT.notFound;
  if (status === 409) return EXIT.failure;
  if (status === 429) return EXIT.rateLimited;
  return status >= 500 ? EXIT.temporary : EXIT.usage;
}

/** What somebody can do about it; empty when the message says it all. */
export function adviceFor(error: unknown): string {
  if (error instanceof ApiUnreachable)
    return 'ENRICHMENT_API_URL says where it is. In a clone `npm start` brings one up, which is found by itself.';
  if (error instanceof ApiRefusal && error.refusal.status === 401)
    return 'ENRICHMENT_API_KEY, or ENRICHMENT_API_KEY_FILE, holds the key: `enrich keys create` makes one.';
  if (error instanceof ServersUnavailable) return 'enrich doctor says which server, and what to do.';
  if (error instanceof ComposeError)
    return 'Run it where docker compose finds the project with the workers; COMPOSE_FILE and .env count.';
  if (!(error instanceof PublishError) || error.reason !== 'timeout') return '';
  return (
    'RABBITMQ_URL names the broker. In a clone `npm start` brings one up, which is found by itself ' +
    'unless an address is set.'
  );
}
