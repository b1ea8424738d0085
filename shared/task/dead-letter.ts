/**
 * A task given up on, as the message that lies in a dead-letter queue. The message says everything by itself, in its
 * headers: the index in the database can be made again from the queue alone.
 */
import { createHash } from 'node:crypto';
import type { Fields } from './fields.ts';
import { fingerprintOf } from './fingerprint.ts';
import { carriedHeaders } from './message-headers.ts';
import { DEFAULT_PRIORITY, type Lane, LANES } from './task.ts';

export interface DeadLetter {
  /** The message id in the queue: the task's id, or a hash of what could not be read. */
  readonly id: string;
  readonly pipeline: string;
  /** Equal for dead letters with the same cause, see `fingerprintOf`. */
  readonly fingerprint: string;
  readonly reason: string;
  readonly errorClass: string;
  /** The last error. */
  readonly error: string;
  /** Epoch milliseconds of the last error; with the id it tells one death from the next. */
  readonly diedAt: number;
  readonly firstError: string;
  readonly firstErrorAt: number;
  readonly provider?: string;
  /** Counted tries of all providers. */
  readonly attempts: number;
  /** How often it has been replayed. */
  readonly replays: number;
  /** Where the delivery was that ended it. */
  readonly originQueue: string;
  readonly lane: Lane;
  readonly priority: number;
  /** AMQP id that the message came with, where that is not the id of the letter. */
  readonly messageId?: string;
  readonly body: Buffer;
  /** Those that the message came with. */
  readonly headers: Fields;
}

/** What a message in a dead-letter queue looks like to the client. */
export interface LetterMessage {
  readonly content: Buffer;
  readonly properties: {
    readonly messageId?: unknown;
    readonly priority?: unknown;
    readonly headers?: Readonly<Record<string, unknown>> | undefined;
  };
}

/**
 * AMQP priority of every message in a dead-letter queue; the task's own is in a header. A quorum queue of RabbitMQ 4 hands
 * out more urgent messages first: only where all are alike is their order that of their arrival, which a sweep relies on.
 */
export const LETTER_PRIORITY = 0;

/** A header table beyond 64 KiB is refused by the client; an error needs no more than this to be understood. */
const MAX_ERROR_LENGTH = 2_000;
/** Of everything else that a letter says of itself. */
const MAX_NAME_LENGTH = 300;

/**
 * An id for a message that has none of its own. The same bytes in the same pipeline have the same one, so that a
 * redelivery makes no second dead letter. A replay gives a message without a name the id of its letter as one: it is
 * that letter still.
 */
export function letterId(pipeline: string, body: Buffer, messageId?: string): string {
  const nameless = hashedId(pipeline, body, '');
  return messageId === undefined || messageId === nameless ? nameless : hashedId(pipeline, body, messageId);
}

function hashedId(pipeline: string, body: Buffer, messageId: string): string {
  const hash = createHash('sha256').update(`${pipeline}\n${messageId}\n`).update(body);
  return `unread-${hash.digest('hex').slice(0, 32)}`;
}

/** The headers of the message; `readLetter` gives the letter back. Errors are cut to 2,000 characters. */
export function letterHeaders(letter: DeadLetter): Fields {
  return {
    ...letter.headers,
    'x-reason': letter.reason,
    'x-error': letter.error.slice(0, MAX_ERROR_LENGTH),
    'x-error-class': letter.errorClass,
    'x-fingerprint': letter.fingerprint,
    'x-died-at': new Date(letter.diedAt).toISOString(),
    'x-first-error': letter.firstError.slice(0, MAX_ERROR_LENGTH),
    'x-first-error-at': new Date(letter.firstErrorAt).toISOString(),
    'x-attempts': letter.attempts,
    'x-replay-count': letter.replays,
    'x-origin-queue': letter.originQueue,
    'x-lane': letter.lane,
    'x-task-priority': letter.priority,
    ...(letter.provider === undefined ? {} : { 'x-provider': letter.provider }),
    ...(letter.messageId === undefined ? {} : { 'x-message-id': letter.messageId }),
  };
}

/**
 * Reads any message of a dead-letter queue; what its headers do not say is given a value that harms nothing: somebody
 * may have put it there by hand. Throws nothing.
 */
export function readLetter(message: LetterMessage, pipeline: string): DeadLetter {
  const { content: body, properties } = message;
  const headers = properties.headers ?? {};
  const text = (name: string): string | undefined => {
    const length = name.endsWith('error') ? MAX_ERROR_LENGTH : MAX_NAME_LENGTH;
    return nonEmpty(headers[`x-${name}`])?.slice(0, length);
  };
  const provider = text('provider');
  const messageId = text('message-id');
  const error = text('error') ?? '';
  const cause = {
    reason: text('reason') ?? 'unknown',
    errorClass: text('error-class') ?? text('reason') ?? 'unknown',
    error,
    ...(provider === undefined ? {} : { provider }),
  };
  const diedAt = time(headers['x-died-at']) ?? 0;
  const originQueue = text('origin-queue') ?? '';
  return {
    id: idOfLetter(message, pipeline),
    pipeline,
    fingerprint: text('fingerprint') ?? fingerprintOf(cause),
    ...cause,
    diedAt,
    firstError: text('first-error') ?? error,
    firstErrorAt: time(headers['x-first-error-at']) ?? diedAt,
    attempts: count(headers['x-attempts']),
    replays: count(headers['x-replay-count']),
    originQueue,
    lane: LANES.find((lane) => lane === headers['x-lane']) ?? laneOfQueue(originQueue),
    priority: priorityOf(message),
    ...(messageId === undefined ? {} : { messageId }),
    body,
    headers: carriedHeaders(headers),
  };
}

/** The id of any message in a dead-letter queue; the same whenever it is asked for. */
export const idOfLetter = ({ content, properties }: LetterMessage, pipeline: string): string =>
  nonEmpty(properties.messageId) ?? letterId(pipeline, content);

/** The header; a message that was put there by hand has at most the AMQP property. */
export function priorityOf({ properties: { headers = {}, priority } }: LetterMessage): number {
  const given = headers['x-task-priority'] ?? priority;
  return typeof given === 'number' ? given : DEFAULT_PRIORITY;
}

const laneOfQueue = (queue: string): Lane => (queue.endsWith('_backlog') ? 'backlog' : 'priority');

export const nonEmpty = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const count = (value: unknown): number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;

function time(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
