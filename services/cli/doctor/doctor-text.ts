import type { Finding, Severity } from './finding.ts';

const NAMES = { ok: 'ok', notice: 'notice', warning: 'warning', error: 'ERROR', away: 'AWAY' } as const;
const INDENT = ' '.repeat(9);

/** A line for each finding, what to do about it below, and a summary. */
export function doctorText(findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ severity, what, fix }) => [
    `${NAMES[severity].padEnd(INDENT.length)}${what}`,
    ...(fix === '' ? [] : [`${INDENT}fix: ${fix}`]),
  ]);
  return [...lines, '', summary(findings)].join('\n');
}

function summary(findings: readonly Finding[]): string {
  const count = (severity: Severity): number => findings.filter((one) => one.severity === severity).length;
  const parts = [
    counted(count('away'), 'server away', 'servers away'),
    counted(count('error'), 'error', 'errors'),
    counted(count('warning'), 'warning', 'warnings'),
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'Everything is as it should be.' : `${parts.join(', ')}.`;
}

const counted = (count: number, one: string, many: string): string =>
  count === 0 ? '' : `${count} ${count === 1 ? one : many}`;
