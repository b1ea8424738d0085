import type { Inspection, Judged } from '../../../shared/asking/inspect.ts';
import type { Scored } from '../../../shared/task/answer.ts';
import { shortened } from '../dlq/letter-table.ts';

/** Candidates of one rung that are shown; a search may give a hundred. */
const SHOWN = 8;

/** One look-up: what it came to, the rungs, and every candidate with its distances, the nearest first. */
export function inspectionText(inspection: Inspection, width: number): string {
  const { provider, mode, requests, ms, rungs, judged, answer, error } = inspection;
  const verdict = answer === undefined ? `failed: ${error?.message ?? 'no answer'}` : answer.kind;
  const made = answer?.requests ?? requests.length;
  const lines = [
    `${provider} (${mode}): ${verdict}, ${made} ${made === 1 ? 'request' : 'requests'}, ${Math.round(ms)} ms`,
    `  asked: ${rungs.map(({ name, candidates }) => `${name} (${candidates} found)`).join(', ') || 'nothing'}`,
    ...judged.flatMap((one) => judgedLines(one)),
  ];
  return lines.map((line) => cut(line, width)).join('\n');
}

export const inspectionDocument = (inspection: Inspection): object => ({
  provider: inspection.provider,
  mode: inspection.mode,
  kind: inspection.answer?.kind ?? null,
  error: inspection.error?.message ?? null,
  duration_ms: Math.round(inspection.ms),
  requests: inspection.requests.map(({ key, ms }) => ({ request: key, duration_ms: Math.round(ms) })),
  rungs: inspection.rungs,
  judged: inspection.judged.map(({ rung, judgement }) => ({
    rung,
    verdict: judgement.verdict,
    margin: marginOf({ rung, judgement }) ?? null,
    candidates: (judgement.scored ?? []).map((scored) => ({
      id: scored.candidate.id,
      title: scored.candidate.title,
      artist: artistOf(scored) ?? null,
      score: scored.score,
      distances: scored.fields,
      vetoes: scored.vetoes,
      chosen: scored.candidate.id === judgement.best?.candidate.id,
    })),
  })),
  id: inspection.answer?.id ?? null,
  fields: inspection.answer?.fields ?? null,
});

function judgedLines(judged: Judged): string[] {
  const { rung, judgement } = judged;
  const all = judgement.scored ?? [];
  if (all.length === 0) return [];
  const margin = marginOf(judged);
  const apart = margin === undefined ? '' : `, ${margin.toFixed(2)} nearer than the next one`;
  return [
    `  ${rung}: ${judgement.verdict}${apart}`,
    ...all.slice(0, SHOWN).map((scored) => candidateLine(scored, judgement.best?.candidate.id)),
    ...(all.length > SHOWN ? [`    and ${all.length - SHOWN} more`] : []),
  ];
}

function candidateLine(scored: Scored, chosen: string | undefined): string {
  const { candidate, score, fields, vetoes } = scored;
  const artist = artistOf(scored);
  const name = shortened(artist === undefined ? candidate.title : `${artist} - ${candidate.title}`, 60);
  const distances = fields.map(({ field, distance }) => `${field} ${distance.toFixed(2)}`).join(', ');
  const veto = vetoes.length > 0 ? `; never: ${vetoes.join(', ')}` : '';
  return `  ${candidate.id === chosen ? '→' : ' '} ${score.toFixed(2)}  ${name} [${shortened(candidate.id, 40)}]  ${distances}${veto}`;
}

/** By how much the nearest beats the next thing that is not the same; undefined when there is none. */
function marginOf({ judgement: { best, runnerUp } }: Judged): number | undefined {
  return best === undefined || runnerUp === undefined
    ? undefined
    : Math.abs(runnerUp.distance - best.distance);
}

function artistOf({ candidate }: Scored): string | undefined {
  return 'artist' in candidate && typeof candidate.artist === 'string' ? candidate.artist : undefined;
}

/** Long lines go on in the next one where the terminal is narrow: nothing of a reason is cut off. */
function cut(line: string, width: number): string {
  const words = line.trimStart().split(' ');
  const indent = line.length - line.trimStart().length;
  const lines: string[] = [];
  let current = ' '.repeat(indent);
  for (const word of words) {
    if (current.length + word.length + 1 > width && current.trim() !== '') {
      lines.push(current.trimEnd());
      current = ' '.repeat(indent + 4);
    }
    current += `${word} `;
  }
  return [...lines, current.trimEnd()].join('\n');
}
