import { z } from 'zod';

/** A year: whoever wants longer says nothing. */
const LONGEST_S = 31_536_000;

/** How long, and why; nothing said = until somebody resumes it. */
export const pauseBody = z
  .strictObject({
    for_s: z.number().positive().max(LONGEST_S).optional().describe('Ends by itself after so many seconds.'),
    reason: z.string().min(1).max(500).optional().describe('Shown to whoever asks why.'),
  })
  .default({});

export const pauseSchema = z
  .object({
    target: z.enum(['priority', 'backlog', 'intake']),
    until: z.iso.datetime().nullable().describe('Null = until somebody resumes it.'),
    reason: z.string(),
    actor: z.string(),
  })
  .meta({ id: 'LanePause' });
