import { z } from 'zod';
import { pipelines } from '../pipelines/registry.ts';
import { parseRate } from '../runtime/environment.ts';
import type { DeadLetterFilter } from '../task/dead-letter-filter.ts';

const PIPELINE_NAMES = pipelines.map(({ name }) => name);

/** Which dead letters are meant, as documents say it. */
export const letterFilterSchema = z.strictObject({
  pipeline: z.enum(PIPELINE_NAMES).optional().describe('Of this pipeline.'),
  group: z
    .string()
    .regex(/^[0-9a-f]{4,12}$/, 'expected 4 to 12 hexadecimal digits')
    .optional()
    .describe('With this cause; the beginning of its fingerprint will do.'),
  provider: z.string().max(50).optional().describe('Given up on because of this provider.'),
  reason: z.string().max(50).optional().describe('`providers_failed`, `invalid`, `not_json`, `poison`, …'),
  since: z.iso.datetime({ offset: true }).optional().describe('Dead since then.'),
  grep: z
    .string()
    .min(1)
    .max(200)
    .refine((text) => !text.includes('\0'), 'holds a NUL character')
    .optional()
    .describe('With this text in the error or the body, whatever its case.'),
});

/** A replay that is asked for; kept as it is, so that any process can go on with it. */
export const replayOrderSchema = letterFilterSchema.extend({
  all: z
    .boolean()
    .default(false)
    .describe('Says that every dead letter is meant, where nothing narrows it down.'),
  limit: z.int().min(1).max(10_000_000).optional().describe('Most letters to replay.'),
  rate: z
    .string()
    .refine((raw) => isRate(raw), 'expected letters by time, such as 20/s or 100/m')
    .optional()
    .describe('At most so many: `20/s`, `100/m`.'),
  force: z.boolean().default(false).describe('Also those that came back three times.'),
  canary: z
    .boolean()
    .default(true)
    .describe(
      'Five go first, and it stops when more than half come back; false = all at once, outcome unwatched.',
    ),
  refresh: z.boolean().default(false).describe('Answers that are cached now do not count.'),
  wait: z
    .int()
    .min(1)
    .max(86_400)
    .default(120)
    .describe('Give up when nothing has an outcome for so many seconds.'),
});

export type ReplayOrder = z.output<typeof replayOrderSchema>;

/** @param owner binds it to one owner's letters; null = whoever's */
export function letterFilterOf(
  said: z.output<typeof letterFilterSchema>,
  owner: string | null,
): DeadLetterFilter {
  const { pipeline, group, provider, reason, since, grep } = said;
  return {
    ...(pipeline !== undefined && { pipeline }),
    ...(group !== undefined && { group }),
    ...(provider !== undefined && { provider }),
    ...(reason !== undefined && { reason }),
    ...(since !== undefined && { since: Date.parse(since) }),
    ...(grep !== undefined && { grep }),
    ...(owner !== null && { owner }),
  };
}

function isRate(raw: string): boolean {
  try {
    parseRate(raw);
    return true;
  } catch {
    return false;
  }
}
