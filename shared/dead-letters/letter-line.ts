/** A dead letter as one line of NDJSON: the form of files that `restore` puts back. */
import { z } from 'zod';
import { type DeadLetter, letterHeaders, readLetter } from '../task/dead-letter.ts';

const lineSchema = z.object({
  pipeline: z.string(),
  id: z.string().min(1),
  priority: z.number().default(5),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  /** Text where the bytes are text, so that the file can be read. */
  body: z.string().optional(),
  body_base64: z.base64().optional(),
});

/** Thrown when a line is none of ours; `enrich dlq restore` stops there. */
export class LetterLineError extends Error {
  override readonly name = 'LetterLineError';
}

/** `readLetterLine` gives the same letter back. Ends with a line break. */
export function letterLine(letter: DeadLetter): string {
  const { pipeline, id, priority, body } = letter;
  const text = body.toString('utf8');
  const content = Buffer.from(text).equals(body) ? { body: text } : { body_base64: body.toString('base64') };
  return `${JSON.stringify({ pipeline, id, priority, headers: letterHeaders(letter), ...content })}\n`;
}

/** Throws LetterLineError. */
export function readLetterLine(line: string): DeadLetter {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new LetterLineError('not JSON', { cause: error });
  }
  const parsed = lineSchema.safeParse(value);
  if (!parsed.success) throw new LetterLineError(z.prettifyError(parsed.error));
  const { pipeline, id, priority, headers, body, body_base64: base64 } = parsed.data;
  const content = body === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(body);
  return readLetter({ content, properties: { messageId: id, priority, headers } }, pipeline);
}
