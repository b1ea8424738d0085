/**
 * Task ⇄ bytes. The body is one flat JSON object: the entity's own fields, plus optional envelope fields. The least that
 * is accepted is what foreign scrapers publish: `{"track_id":"t1","artist":"Deadmau5","title":"Strobe","priority":5}`.
 * On its way between stages a task carries its state under `state`.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { invalid, MessageError, problem, problemsOf } from './message-error.ts';
import { keptState, parseState } from './task-state.ts';
import {
  DEFAULT_PRIORITY,
  HIGHEST_PRIORITY,
  type Fields,
  type Json,
  NEW_STATE,
  STRATEGIES,
  type Task,
} from './task.ts';

/** From outside. A task that carries answers may be larger by what those are allowed to hold. */
export const MAX_MESSAGE_BYTES = 256 * 1024;
const MAX_CARRIED_BYTES = 1024 * 1024;
/** Deeper nesting is refused: nobody needs it, and it breaks readers that recurse. */
export const MAX_DEPTH = 32;
/** The task's id is the message's, and AMQP has room for so much. */
const MAX_ID_BYTES = 255;
/**
 * What this release writes. It understands the release before as well, so that both may serve the same queues; a later
 * one is begun anew, see `restartMessage`. Versions differ in `state`: the entity's own fields are for outsiders to write.
 */
export const MESSAGE_VERSION = 1;

/** What reading and writing messages needs to know of a pipeline. */
export interface EntityShape {
  readonly name: string;
  readonly idField: string;
  readonly schema: z.ZodObject;
}

export const envelopeSchema = z.object({
  v: z.int().optional().describe('Message version; absent = 1.'),
  pipeline: z.string().max(50).optional().describe('Must be the pipeline of the queue, when given.'),
  task_id: z
    .string()
    .min(1)
    .max(200)
    .refine((id) => Buffer.byteLength(id) <= MAX_ID_BYTES, `at most ${MAX_ID_BYTES} bytes`)
    .optional()
    .describe('Else the AMQP message-id, else given at first pick-up.'),
  job_id: z.string().max(200).optional(),
  owner: z
    .string()
    .max(200)
    .optional()
    .describe('Whose record it is; with the entity id it is the key of the result.'),
  priority: z.int().min(0).max(HIGHEST_PRIORITY).optional().describe('Else the AMQP priority, else 5.'),
  providers: z
    .array(z.string().max(50))
    .max(20)
    .optional()
    .describe('Asks these providers instead of the chain.'),
  strategy: z.enum(STRATEGIES).optional(),
  not_before: z
    .union([z.number().nonnegative(), z.iso.datetime({ offset: true })])
    .optional()
    .describe(
      'Answers fetched earlier do not count: epoch milliseconds or ISO 8601. This is how refresh is said.',
    ),
  extra: z.record(z.string(), z.json()).optional().describe('Stored with the result as it is.'),
});
type Envelope = z.infer<typeof envelopeSchema>;
const NO_ENVELOPE: Envelope = {};
const ENVELOPE_FIELDS = new Set([...Object.keys(envelopeSchema.shape), 'state']);

export interface MessageProperties {
  readonly messageId?: string | undefined;
  readonly priority?: number | undefined;
}

/** The pipeline of that name, or of the queue when the message names none; undefined = not one of ours. */
type ShapeFor = (pipeline: string | undefined) => EntityShape | undefined;

/**
 * Reads one message. Throws MessageError, nothing else.
 * @param version what the reader writes itself; a message without one is as good as its own
 */
export function parseMessage(
  body: Buffer,
  shapeFor: ShapeFor,
  properties: MessageProperties = {},
  version = MESSAGE_VERSION,
): Task {
  return parseRecord(parseObject(body), shapeFor, properties, version);
}

/** The same of a record that was never text. Its size and depth are the caller's business. Throws MessageError. */
export function parseRecord(
  record: Fields,
  shapeFor: ShapeFor,
  properties: MessageProperties = {},
  version = MESSAGE_VERSION,
): Task {
  const envelope = hasEnvelope(record) ? (parsePart(envelopeSchema, record) as Envelope) : NO_ENVELOPE;
  const { v } = envelope;
  if (v !== undefined && v !== version && v !== version - 1) {
    throw new MessageError('unknown_version', `v: expected ${version}, got ${v}`);
  }
  return taskOf({ record, envelope }, shapeFor, properties);
}

/**
 * Reads a message of an unknown version as a task that begins again: of its state nothing is kept but
 * what bounds its life. What was answered before is in the answer cache. Throws MessageError.
 */
export function restartMessage(body: Buffer, shapeFor: ShapeFor, properties: MessageProperties = {}): Task {
  const { state, ...record } = parseObject(body);
  const envelope = parsePart(envelopeSchema, record) as Envelope;
  const task = taskOf({ record, envelope }, shapeFor, properties);
  return { ...task, state: keptState(state) };
}

function taskOf(
  { record, envelope }: { readonly record: Fields; readonly envelope: Envelope },
  shapeFor: ShapeFor,
  properties: MessageProperties,
): Task {
  const shape = shapeFor(envelope.pipeline);
  if (shape === undefined)
    throw invalid([problem(['pipeline'], envelope.pipeline, 'is not served by this queue')]);
  const entity = parsePart(shape.schema, record) as Fields;
  const { job_id: jobId, providers, not_before: notBefore } = envelope;
  return {
    taskId: envelope.task_id ?? nonEmpty(properties.messageId) ?? randomUUID(),
    pipeline: shape.name,
    owner: envelope.owner ?? '',
    priority: Math.min(envelope.priority ?? properties.priority ?? DEFAULT_PRIORITY, HIGHEST_PRIORITY),
    strategy: envelope.strategy ?? 'first',
    entity,
    extra: extraFields(record, shape, envelope),
    state: record['state'] === undefined ? NEW_STATE : parseState(record['state']),
    ...(jobId === undefined ? {} : { jobId }),
    ...(providers === undefined || providers.length === 0 ? {} : { providers }),
    ...(notBefore === undefined
      ? {}
      : { notBefore: typeof notBefore === 'number' ? notBefore : Date.parse(notBefore) }),
  };
}

/**
 * The message that says the same. Its state is left out while nothing has happened yet, unless the envelope has made the
 * message larger than what is let in from outside: then an empty one says that it is in already.
 */
export function encodeTask(task: Task, version = MESSAGE_VERSION): Buffer {
  const message: Fields = {
    ...task.entity,
    v: version,
    pipeline: task.pipeline,
    task_id: task.taskId,
    priority: task.priority,
  };
  if (task.owner !== '') message['owner'] = task.owner;
  if (task.jobId !== undefined) message['job_id'] = task.jobId;
  if (task.providers !== undefined) message['providers'] = [...task.providers];
  if (task.strategy !== 'first') message['strategy'] = task.strategy;
  if (task.notBefore !== undefined) message['not_before'] = task.notBefore;
  if (Object.keys(task.extra).length > 0) message['extra'] = task.extra;
  if (task.state !== NEW_STATE) message['state'] = task.state as unknown as Json;
  const body = Buffer.from(JSON.stringify(message));
  if (body.length <= MAX_MESSAGE_BYTES || message['state'] !== undefined) return body;
  return Buffer.from(JSON.stringify({ ...message, state: {} }));
}

function parseObject(body: Buffer): Fields {
  if (body.length > MAX_CARRIED_BYTES) throw tooLarge(body.length);
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new MessageError('not_json', `not JSON: ${(error as Error).message.slice(0, 200)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new MessageError('invalid', 'the message is not a JSON object');
  }
  const record = value as Fields;
  if (body.length > MAX_MESSAGE_BYTES && record['state'] === undefined) throw tooLarge(body.length);
  for (const field in record) {
    if (isDeeper(record[field] as Json, MAX_DEPTH))
      throw new MessageError('too_deep', `${field}: nested deeper than ${MAX_DEPTH} levels`);
  }
  return record;
}

const tooLarge = (bytes: number): MessageError =>
  new MessageError('too_large', `the message has ${bytes} bytes, at most ${MAX_MESSAGE_BYTES} are accepted`);

export function isDeeper(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((part) => isDeeper(part, levels - 1));
}

function parsePart(schema: z.ZodType, record: Fields): unknown {
  const result = schema.safeParse(record);
  if (result.success) return result.data;
  throw invalid(problemsOf(result.error, record));
}

/** Most of what is published has none, and then checking it is half of checking the record. */
function hasEnvelope(record: Fields): boolean {
  for (const field in record) if (ENVELOPE_FIELDS.has(field)) return true;
  return false;
}

/** What neither the pipeline nor the envelope knows: `__proto__` and its kind are own keys here and stay plain data. */
function extraFields(record: Fields, shape: EntityShape, envelope: Envelope): Fields {
  const extra = Object.entries((envelope.extra ?? {}) as Fields);
  for (const field in record) {
    const isKnown = Object.hasOwn(shape.schema.shape, field) || ENVELOPE_FIELDS.has(field);
    if (!isKnown) extra.push([field, record[field] as Json]);
  }
  return Object.fromEntries(extra);
}

const nonEmpty = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
