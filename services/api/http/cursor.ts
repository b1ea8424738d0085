import { z } from 'zod';
import { HttpProblem } from './problem.ts';

/** Query parameters of every list that has pages. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Most entries of one page.'),
  cursor: z.string().max(2_000).optional().describe('`next_cursor` of the page before.'),
};

/** Opaque to clients: where the next page begins. */
export const cursorText = (position: unknown): string =>
  Buffer.from(JSON.stringify(position)).toString('base64url');

/** Undefined = from the beginning. Throws HttpProblem for what no page ever gave. */
export function cursorOf<T>(cursor: string | undefined, schema: z.ZodType<T>): T | undefined {
  if (cursor === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch (error) {
    const message = 'is not a cursor of this list';
    throw new HttpProblem('invalid_request', `query /cursor: ${message}`, {
      faults: [{ in: 'query', pointer: '/cursor', message }],
      cause: error,
    });
  }
}
