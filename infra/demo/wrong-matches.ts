import { z } from 'zod';
import type { Publication } from './publish-source.ts';
import type { EnrichedRow } from './results.ts';

export interface WrongMatch {
  readonly pipeline: string;
  readonly id: string;
  readonly provider: string;
  readonly found: string;
  /** Empty: the provider does not know it, or it does not exist. */
  readonly right: readonly string[];
}

/** Provider → row of the file → ids that are right. */
export type Truth = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

const truthSchema = z.array(
  z.object({
    ids: z.array(z.string()),
    track_id: z.string().optional(),
    title: z.string().optional(),
    release_date: z.string().optional(),
  }),
);

/** Asks the sandbox which ids are right, for each of the providers. */
export async function readTruth(sandbox: string, providers: readonly string[]): Promise<Truth> {
  const truths = providers.map(async (provider) => {
    const response = await fetch(`${sandbox}/_control/truth?provider=${provider}`);
    const rows = truthSchema.parse(await response.json());
    const byKey = rows.map(({ ids, track_id: trackId, title, release_date: released }) => {
      return [trackId ?? `${title ?? ''} | ${released ?? ''}`, ids] as const;
    });
    return [provider, new Map(byKey)] as const;
  });
  return new Map(await Promise.all(truths));
}

/** Every id in an enriched row that is not an id of what the row means; a row without truth does not exist. */
export function wrongMatches(
  { source, rows: published }: Publication,
  rows: readonly EnrichedRow[],
  truth: Truth,
): WrongMatch[] {
  return rows.flatMap(({ id, enriched }) =>
    Object.entries(source.idFields).flatMap(([provider, field]) => {
      const value = enriched[field];
      if (typeof value !== 'string' && typeof value !== 'number') return [];
      const found = String(value);
      const right = truth.get(provider)?.get(published.get(id)?.truthKey ?? '') ?? [];
      return right.includes(found) ? [] : { pipeline: source.pipeline.name, id, provider, found, right };
    }),
  );
}
