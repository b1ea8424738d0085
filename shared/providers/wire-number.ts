import { z } from 'zod';

/**
 * A number that some versions of a service write as text; an empty text says "unknown". What comes out is a number or
 * undefined, so the schema accepts its own output. Any other text is a break of the contract.
 */
export const wireNumber = z.union([
  z.number(),
  z
    .string()
    .regex(/^\s*-?\d+(\.\d+)?\s*$/)
    .transform(Number),
  z.literal('').transform(() => undefined),
]);
