import { duration } from '../progress-line.ts';
import { shortened, table } from '../dlq/letter-table.ts';
import type { Explanation } from './explain-task.ts';
import { inspectionDocument, inspectionText } from './inspection-text.ts';

export function explanationText(
  { steps, notAsked, completion, merged }: Explanation,
  label: string,
  width: number,
): string {
  const { outcome, missing } = completion;
  const source = merged.source === undefined ? '' : ` by ${merged.source}`;
  const score = merged.match === undefined ? '' : `, score ${merged.match.score.toFixed(2)}`;
  return [
    label,
    '',
    ...steps.flatMap((step) => [inspectionText(step, width), '']),
    ...(notAsked.length > 0 ? [`Not asked: ${notAsked.join(', ')} (--strategy merge asks all).`] : []),
    ...(missing.length > 0 ? [`Without an answer: ${missing.join(', ')}; the result is partial.`] : []),
    `Outcome: ${outcome}${source}${score}. Nothing was written.`,
    ...mergedLines(merged, width),
  ].join('\n');
}

export const explanationDocument = ({ task, steps, notAsked, completion, merged }: Explanation): object => ({
  pipeline: task.pipeline,
  entity: task.entity,
  strategy: task.strategy,
  look_ups: steps.map(inspectionDocument),
  not_asked: notAsked,
  outcome: completion.outcome,
  missing: completion.missing,
  source: merged.source ?? null,
  score: merged.match?.score ?? null,
  enriched: merged.enriched,
  provenance: merged.provenance,
});

function mergedLines({ enriched, provenance }: Explanation['merged'], width: number): string[] {
  const rows = Object.entries(enriched).map(([field, value]) => {
    const origin = provenance[field];
    const age =
      origin === undefined ? '' : ` ${duration(Math.max(0, (Date.now() - origin.fetched_at) / 1_000))} ago`;
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return [field, shortened(text, Math.max(20, width - 60)), `${origin?.provider ?? ''}${age}`];
  });
  return rows.length === 0 ? [] : ['', table(['FIELD', 'VALUE', 'FROM'], rows)];
}
