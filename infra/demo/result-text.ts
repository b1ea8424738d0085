/** The result of a run for people. */
import { beforeAndAfter } from './before-and-after.ts';
import { isEverythingSettled, violationsIn, wrongRows, type RunResult } from './run-result.ts';
import { NO_OUTCOMES, publishedIn, settledIn, sum, waitingIn } from './run-state.ts';
import type { Style } from './style.ts';
import { textTable } from './text-table.ts';
import { duration, percent, thousands } from './words.ts';

const right = (title: string) => ({ title, align: 'right' }) as const;
const left = (title: string) => ({ title, align: 'left' }) as const;

const SHOWN_REJECTS = 2;

/** Outcomes, providers, and five records before and after. */
export function resultText(result: RunResult, style: Style): string {
  return [
    headline(result, style),
    outcomeTable(result, style),
    providerTable(result, style),
    ...wrongLines(result),
    ...beforeAndAfter(result, style),
  ].join('\n\n');
}

function headline(result: RunResult, style: Style): string {
  const { state, totalSeconds } = result;
  const rate = thousands(settledIn(state) / state.seconds);
  const times = `in ${duration(state.seconds)} (${rate}/s; ${duration(totalSeconds)} with everything around it)`;
  const of = `${thousands(settledIn(state))} of ${thousands(publishedIn(state))} records settled`;
  const all = isEverythingSettled(result) && waitingIn(state) === 0;
  return all
    ? `${style.good('✓')} ${of} ${times}`
    : `${style.bad('✗')} ${of}, ${thousands(waitingIn(state))} wait`;
}

function outcomeTable(result: RunResult, style: Style): string {
  const { state } = result;
  const columns = [
    left('pipeline'),
    right('published'),
    right('enriched'),
    right(''),
    right('not found'),
    right('ambiguous'),
    right('dead'),
    right('wrong'),
  ];
  const rows = state.publications.map(({ source, published }) => {
    const { name } = source.pipeline;
    const outcomes = state.outcomes.get(name) ?? NO_OUTCOMES;
    const { enriched, not_found: notFound, ambiguous, dead } = outcomes;
    const counts = [notFound, ambiguous, dead].map(thousands);
    const wrong = counted(wrongRows(result, name));
    const share = percent(enriched, published);
    return [name, thousands(published), thousands(enriched), share, ...counts, wrong];
  });
  const rejects = state.publications
    .filter(({ rejected }) => rejected > 0)
    .map(({ source, rejected, rejects: lines }) => {
      const shown = `${lines.slice(0, SHOWN_REJECTS).join('; ')}${rejected > SHOWN_REJECTS ? ' …' : ''}`;
      return style.dim(`  not published: ${thousands(rejected)} of ${source.pipeline.name} (${shown})`);
    });
  return [textTable(columns, rows, style), ...rejects].join('\n');
}

function providerTable(result: RunResult, style: Style): string {
  const { state, wrong } = result;
  const columns = [
    left('provider'),
    right('look-ups'),
    right('requests'),
    right('cache hits'),
    right('above the limit'),
  ];
  const line = (name: string, figures: readonly number[], violations: number | undefined): string[] => [
    name,
    ...figures.map(thousands),
    counted(violations),
  ];
  const rows = [...state.providers].map(([name, { lookUps, requests, cacheHits, violations }]) =>
    line(name, [lookUps, requests, cacheHits], wrong === undefined ? undefined : violations),
  );
  const all = [...state.providers.values()];
  const totals = [
    sum(all.map(({ lookUps }) => lookUps)),
    sum(all.map(({ requests }) => requests)),
    sum(all.map(({ cacheHits }) => cacheHits)),
  ];
  return textTable(columns, [...rows, line('all', totals, violationsIn(result))], style);
}

function wrongLines({ wrong = [], state }: RunResult): string[] {
  if (wrong.length === 0) return [];
  const lines = wrong.slice(0, 5).map(({ pipeline, id, provider, found, right: ids }) => {
    const publication = state.publications.find(({ source }) => source.pipeline.name === pipeline);
    const label = publication?.rows.get(id)?.label ?? id;
    return `  ${label}: ${provider} ${found}, right would be ${ids.join(' or ') || 'nothing'}`;
  });
  return [['Wrong matches', ...lines].join('\n')];
}

const counted = (count: number | undefined): string => (count === undefined ? 'unknown' : thousands(count));
