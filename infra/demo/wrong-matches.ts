import { z } from 'zod';
import type { ProviderDefinition } from '../../shared/providers/provider.ts';
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

/** What is right at one provider. */
export interface ProviderTruth {
  readonly provider: string;
  /** The enriched field that holds its ids. */
  readonly idField: string;
  /** Row of the file → ids that are right. */
  readonly ids: ReadonlyMap<string, readonly string[]>;
}

const truthSchema = z.array(
  z.object({
    ids: z.array(z.string()),
    track_id: z.string().optional(),
    title: z.string().optional(),
    release_date: z.string().optional(),
  }),
);

/** Asks the sandbox which ids are right, for each of the providers that have ids of their own. */
export async function readTruth(
  sandbox: string,
  definitions: readonly ProviderDefinition[],
): Promise<readonly ProviderTruth[]> {
  const truths = definitions.map(async ({ name: provider, idField }) => {
    if (idField === undefined) return [];
    const response = await fetch(`${sandbox}/_control/truth?provider=${provider}`);
    const rows = truthSchema.parse(await response.json());
    const byKey = rows.map(({ ids, track_id: trackId, title, release_date: released }) => {
      return [trackId ?? `${title ?? ''} | ${released ?? ''}`, ids] as const;
    });
    return [{ provider, idField, ids: new Map(byKey) }];
  });
  return (await Promise.all(truths)).flat();
}

/** Every id in an enriched row that is not an id of what the row means; a row without truth does not exist. */
export function wrongMatches(
  { source, rows: published }: Publication,
  rows: readonly EnrichedRow[],
  truth: readonly ProviderTruth[],
): WrongMatch[] {
  return rows.flatMap(({ id, enriched }) =>
    truth.flatMap(({ provider, idField, ids }) => {
      const value = enriched[idField];
      if (typeof value !== 'string' && typeof value !== 'number') return [];
      const found = String(value);
      const right = ids.get(published.get(id)?.truthKey ?? '') ?? [];
      return right.includes(found) ? [] : { pipeline: source.pipeline.name, id, provider, found, right };
    }),
  );
}
