import type { Result } from './run-fault.ts';

/** One JSON document for a run: what docs/reliability.md is made from. */
export interface Report {
  readonly date: string;
  readonly command: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly cores: number;
  readonly results: readonly Result[];
  /** Faults that could not be brought about. */
  readonly broken: readonly { readonly id: string; readonly queueType: string; readonly error: string }[];
}

const WIDTHS = [5, 34, 8, 9, 10, 12, 9] as const;

export const heading = (): string =>
  line(['id', 'fault', 'queues', 'again', 'caught up', 'redelivered', 'repeated', 'invariants']);

/** A row for people: seconds, counts, and every invariant that broke with its figures below. */
export function resultLines(result: Result): string[] {
  const { checks, held } = result;
  const broken = checks.filter((one) => !one.held);
  const verdict = held ? `${checks.length} held` : `${broken.length} of ${checks.length} BROKEN`;
  const cells = [
    result.id,
    result.title,
    result.queueType,
    time(result.workingAgainS),
    time(result.caughtUpS),
  ];
  return [
    line([...cells, String(result.redelivered), String(result.repeatedLookUps), verdict]),
    ...broken.map(({ name, detail }) => `      ✗ ${name}: ${detail}`),
  ];
}

const time = (seconds: number | null): string => (seconds === null ? 'never' : `${seconds.toFixed(1)} s`);

const line = (cells: readonly string[]): string =>
  cells.map((cell, at) => cell.padEnd(WIDTHS[at] ?? 0)).join('  ');
