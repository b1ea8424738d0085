/** The headers of a message, as far as they are worth keeping. */
import type { Fields } from './fields.ts';

/** Headers of the broker, and those that say something about one stay in one queue. */
const OF_ONE_STAY =
  /^(x-death|x-(first|last)-death-.*|x-delivery-count|x-acquired-count|x-redeliveries|x-swept-by|cc|bcc)$/i;
/** Headers that a dead letter has of its own. */
const OF_A_LETTER =
  /^x-(reason|error|error-class|fingerprint|died-at|first-error|first-error-at|attempts|replay-count|origin-queue|lane|provider|message-id)$/;
/** A frame holds 128 KiB, and a table of 64 KiB is refused by the client. */
const MAX_CHARACTERS = 8_000;

/** True for headers that belong to the message and not to where it has been. */
export const isCarried = (name: string): boolean => !OF_ONE_STAY.test(name) && !OF_A_LETTER.test(name);

/** True for headers that a message keeps when it moves within a queue. */
export const isKept = (name: string): boolean => !OF_ONE_STAY.test(name);

/** Those with a plain value, up to 8,000 characters in all: nobody needs the others, and they can be of any size. */
export function plainHeaders(
  headers: Readonly<Record<string, unknown>>,
  isWanted: (name: string) => boolean,
): Fields {
  const plain: Fields = {};
  let left = MAX_CHARACTERS;
  for (const [name, value] of Object.entries(headers)) {
    if (!isWanted(name) || !isPlain(value)) continue;
    left -= name.length + String(value).length;
    if (left < 0) break;
    plain[name] = value;
  }
  return plain;
}

const isPlain = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' ||
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value));
