import type { MovieEvaluation } from './evaluate-movies.ts';
import type { TrackEvaluation } from './evaluate-tracks.ts';
import { total, type Accepted, type Tallies, type Tally } from './tally.ts';
import { APART, DEGRADATIONS, SHARED_BASE_TITLE } from './track-questions.ts';

const SHOWN = 20;

export function trackReport({ present, absent }: TrackEvaluation, isVerbose: boolean): string {
  const counted = Object.keys(DEGRADATIONS);
  const rows = [...Object.keys(present.byDegradation).filter((name) => counted.includes(name))];
  return [
    ...table('tracks', present, rows),
    line('all of these', total(present, rows)),
    ...[SHARED_BASE_TITLE, ...Object.keys(APART)].flatMap((name) => oneLine(name, present)),
    ...examples('accepted and wrong', present.wrong, isVerbose),
    ...(isVerbose ? examples('not matched', present.unmatched, true) : []),
    '',
    'The same questions with the right answers taken away: accepted, of all asked',
    ...absentLines(absent, rows),
    ...examples('accepted though absent', absent.wrong, isVerbose),
    '',
  ].join('\n');
}

export function movieReport({ present, absent }: MovieEvaluation, isVerbose: boolean): string {
  const rows = Object.keys(present.byDegradation);
  return [
    ...table('movies', present, rows),
    ...examples('accepted and wrong', present.wrong, isVerbose),
    ...(isVerbose ? examples('not matched', present.unmatched, true) : []),
    '',
    'The same questions with the right movie taken away: accepted, of all asked',
    ...absentLines(absent, rows),
    ...examples('accepted though absent', absent.wrong, isVerbose),
    '',
  ].join('\n');
}

function table(title: string, tallies: Tallies, rows: readonly string[]): string[] {
  return [
    cells(title, 'asked', 'right', 'ambiguous', 'wrong', 'missed'),
    ...rows.flatMap((name) => oneLine(name, tallies)),
  ];
}

function oneLine(name: string, tallies: Tallies): string[] {
  const tally = tallies.byDegradation[name];
  return tally === undefined ? [] : [line(name, tally)];
}

function line(name: string, tally: Tally): string {
  const share = `${tally.right} (${((100 * tally.right) / Math.max(1, tally.asked)).toFixed(1)} %)`;
  return cells(name, tally.asked, share, tally.ambiguous, tally.wrong, tally.missed);
}

const cells = (name: string, ...columns: readonly (string | number)[]): string =>
  `${name.padEnd(38)}${columns.map((column) => String(column).padStart(16)).join('')}`;

function absentLines(absent: Tallies, rows: readonly string[]): string[] {
  return [...rows, 'all of these'].flatMap((name) => {
    const tally = name === 'all of these' ? total(absent, rows) : absent.byDegradation[name];
    if (tally === undefined) return [];
    const share = `${((100 * tally.wrong) / Math.max(1, tally.asked)).toFixed(2)} %`;
    return [cells(name, tally.asked, `${tally.wrong} (${share})`)];
  });
}

function examples(title: string, found: readonly Accepted[], isAll: boolean): string[] {
  if (found.length === 0) return [];
  const shown = isAll ? found : found.slice(0, SHOWN);
  return [
    `${title}: ${found.length}`,
    ...shown.map((one) => `  ${one.degradation}: ${one.asked}  →  ${one.accepted} (${one.distance})`),
  ];
}
