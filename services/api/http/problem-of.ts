import { ServersUnavailable } from '../../../shared/controls/controls.ts';
import { DeskUnavailable } from '../../../shared/dead-letters/desk.ts';
import { InputError } from '../../../shared/input/raw-row.ts';
import { isConnectionFault, isTimeout } from '../../../shared/postgres/database-fault.ts';
import { PublishError } from '../../../shared/rabbitmq/publish-error.ts';
import { MessageError } from '../../../shared/task/message-error.ts';
import { HttpProblem } from './problem.ts';

/** When to ask again after a server was away. */
const RETRY_SECONDS = 5;

/**
 * The one place that turns what was thrown into a response. What nobody expected becomes `internal`, of which the client
 * learns nothing but its number: messages of strangers may hold addresses and data.
 */
export function problemOf(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof InputError) return new HttpProblem('invalid_body', error.message, { cause: error });
  if (error instanceof MessageError)
    return new HttpProblem('invalid_body', error.message, {
      cause: error,
      faults: error.problems.map(({ field, reason }) => ({
        in: 'body',
        pointer: `/${field.replaceAll('.', '/')}`,
        message: reason,
      })),
    });
  return (
    serverAway(error) ??
    clientFault(error) ??
    new HttpProblem('internal', 'Ask again; if it stays, tell whoever runs this the number of the request.', {
      cause: error,
    })
  );
}

function serverAway(error: unknown): HttpProblem | undefined {
  const isAway =
    error instanceof ServersUnavailable ||
    error instanceof DeskUnavailable ||
    error instanceof PublishError ||
    isConnectionFault(error) ||
    isTimeout(error) ||
    isRedisFault(error);
  if (!isAway) return undefined;
  const detail = 'A server behind this service does not answer. Nothing is lost; ask again.';
  return new HttpProblem('unavailable', detail, { retryAfter: RETRY_SECONDS, cause: error });
}

/** The client of Redis tells its faults by words alone. */
const isRedisFault = (error: unknown): boolean =>
  error instanceof Error &&
  (/Command timed out|Connection is closed|Stream isn't writeable|max retries per request/i.test(
    error.message,
  ) ||
    error.name === 'MaxRetriesPerRequestError');

/** What the parsers of Express throw: errors with a status and a type. */
function clientFault(error: unknown): HttpProblem | undefined {
  if (!(error instanceof Error) || !('status' in error)) return undefined;
  const type = 'type' in error ? error.type : undefined;
  if (error.status === 413)
    return new HttpProblem(
      'body_too_large',
      'Send fewer records at a time, or a file: text/csv or application/x-ndjson.',
      {
        cause: error,
      },
    );
  if (error.status === 415)
    return new HttpProblem('unsupported_media_type', `The body ${String(type)} is not read here.`, {
      cause: error,
    });
  if (typeof error.status === 'number' && error.status >= 400 && error.status < 500)
    return new HttpProblem('malformed_body', error.message, { cause: error });
  return undefined;
}
