/** The headers of a message, as far as they are worth keeping. */
import type { Fields } from './fields.ts';

/** Headers of the broker, and those that say something about one stay in one queue. */
const OF_ONE_STAY =
  /^(x-death|x-(first|last)-death-.*|x-delivery-count|x-acquired-count|x-redeliveries|x-swept-by|cc|bcc)$/i;
/** Headers that a dead letter has of its own. */
const OF_A_LETTER =
  /^x-(reason|error|error-class|fingerprint|died-at|first-error|first-error-at|attempts|replay-count|origin-queue|lane|task-priority|provider|message-id)$/;
/** Of each of the two kinds. Together they fit into a table of 64 KiB, beyond which the client refuses a message. */
const MAX_CHARACTERS = 8_000;

/**
 * Headers that belong to the message and not to where it has been: those with a plain value, up to 8,000 characters in
 * all. Nobody needs the others, and they can be of any size.
 */
export const carriedHeaders = (headers: Readonly<Record<string, unknown>>): Fields =>
  plainHeaders(headers, (name) => !OF_ONE_STAY.test(name) && !OF_A_LETTER.test(name));

/**
 * Headers that a message keeps when it moves within a queue: the carried ones, and those of a dead letter with as much
 * room of their own, so that no foreign header crowds out how often it was replayed.
 */
export const keptHeaders = (headers: Readonly<Record<string, unknown>>): Fields => ({
  ...carriedHeaders(headers),
  ...plainHeaders(headers, (name) => OF_A_LETTER.test(name)),
});

/** What does not fit is left out; the rest goes on. */
function plainHeaders(
  headers: Readonly<Record<string, unknown>>,
  isWanted: (name: string) => boolean,
): Fields {
  const plain: Fields = {};
  let left = MAX_CHARACTERS;
  for (const [name, value] of Object.entries(headers)) {
    if (!isWanted(name) || !isPlain(value)) continue;
    const size = name.length + String(value).length;
    if (size > left) continue;
    left -= size;
    plain[name] = value;
  }
  return plain;
}

const isPlain = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' ||
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value));
