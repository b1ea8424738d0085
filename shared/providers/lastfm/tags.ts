import type { WireTag } from './responses.ts';

const MAX_TAGS = 10;
const MAX_LENGTH = 40;
/** What listeners say about themselves instead of the music. */
const PERSONAL =
  /^(?:seen live|favou?rites?|love|loved|awesome|my .*|\d+ (?:of|out of) \d+ stars?|\d+ stars?|all)$/;

/**
 * Lower case, most frequent first, without doubles, the names of the track and tags that fewer than `minCount` in a
 * hundred gave. A tag whose count the service did not tell is kept.
 */
export function usefulTags(
  tags: readonly WireTag[],
  minCount: number,
  names: readonly string[],
): readonly string[] {
  const taken = new Set(names.map((name) => name.toLowerCase()));
  const useful = tags
    .filter(({ count }) => (count ?? minCount) >= minCount)
    .map(({ name }) => name.trim().toLowerCase())
    .filter((name) => {
      const keep = name !== '' && name.length <= MAX_LENGTH && !PERSONAL.test(name) && !taken.has(name);
      taken.add(name);
      return keep;
    });
  return useful.slice(0, MAX_TAGS);
}
