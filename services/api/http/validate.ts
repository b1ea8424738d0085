import type { z } from 'zod';
import { HttpProblem, type RequestFault } from './problem.ts';

/** More would only make the answer long. */
const MOST_FAULTS = 20;

/** Parses one part of a request. Throws HttpProblem that says everything that is wrong with it. */
export function validated(part: RequestFault['in'], schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.slice(0, MOST_FAULTS).map(({ path, message }) => ({
    in: part,
    pointer: path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
    message,
  }));
  const [first] = faults;
  const where = first === undefined || first.pointer === '' ? part : `${part} ${first.pointer}`;
  const detail = `${where}: ${first?.message ?? 'is not valid'}`;
  throw new HttpProblem(part === 'body' ? 'invalid_body' : 'invalid_request', detail, { faults });
}
