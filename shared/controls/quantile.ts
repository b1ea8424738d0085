/** Cumulative counts by upper bound, the smallest bound first. */
type Histogram = readonly (readonly [bound: number, count: number])[];

/**
 * The value below which this part of all observations lies, taking them as spread evenly within a bucket. What lies above
 * the highest bound counts as that bound. Undefined when there is no observation below it.
 */
export function quantile(histograms: readonly Histogram[], part: number): number | undefined {
  const counts = new Map<number, number>();
  for (const histogram of histograms)
    for (const [bound, count] of histogram) counts.set(bound, (counts.get(bound) ?? 0) + count);
  const merged = [...counts].sort(([a], [b]) => a - b);
  const total = merged.at(-1)?.[1] ?? 0;
  if (total === 0) return undefined;
  let [lower, below] = [0, 0];
  for (const [bound, count] of merged) {
    if (count >= part * total && count > below)
      return lower + (bound - lower) * ((part * total - below) / (count - below));
    [lower, below] = [bound, count];
  }
  return lower;
}
