import type { LetterGroup } from '../postgres/dead-letter-search.ts';

/** Causes of dead letters, as every JSON document says it: snake_case, times in ISO 8601. */
export const groupsDocument = (groups: readonly LetterGroup[]): object => ({
  letters: groups.reduce((sum, { count }) => sum + count, 0),
  groups: groups.map((group) => ({
    group: group.fingerprint,
    pipeline: group.pipeline,
    reason: group.reason,
    error_class: group.errorClass,
    provider: group.provider,
    count: group.count,
    share: Math.round(group.share * 10_000) / 10_000,
    first_seen: new Date(group.firstSeen).toISOString(),
    last_seen: new Date(group.lastSeen).toISOString(),
    came_back: group.replayed,
    sample: { id: group.sampleId, error: group.sample },
  })),
});
