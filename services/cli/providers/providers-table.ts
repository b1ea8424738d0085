import type { ProviderReport } from '../../../shared/controls/provider-report.ts';
import type { LanePause } from '../../../shared/postgres/lane-pauses.ts';
import { UNTIL_RESUMED } from '../../../shared/redis/gate-slot.ts';
import { shortened, table } from '../dlq/letter-table.ts';
import { duration, thousands } from '../progress-line.ts';

interface Column {
  readonly head: string;
  /** Columns with the highest numbers are left out first where the terminal is narrow. */
  readonly rank: number;
  readonly cell: (report: ProviderReport) => string;
}

const none = '-';

const COLUMNS: readonly Column[] = [
  { head: 'PROVIDER', rank: 0, cell: ({ name }) => name },
  { head: 'STATE', rank: 0, cell: stateText },
  {
    head: 'RATE/MIN',
    rank: 0,
    cell: ({ requests, allowed }) => `${thousands(requests)}/${thousands(allowed)}`,
  },
  {
    head: 'WAITING',
    rank: 0,
    cell: ({ waiting }) => `${count(waiting.priority)} + ${count(waiting.backlog)}`,
  },
  { head: 'ETA', rank: 0, cell: ({ etaSeconds }) => (etaSeconds === undefined ? '?' : etaText(etaSeconds)) },
  { head: 'ERRORS', rank: 1, cell: ({ errors }) => thousands(errors) },
  { head: 'TODAY', rank: 2, cell: todayText },
  {
    head: 'P50/P95',
    rank: 3,
    cell: ({ p50Ms, p95Ms }) => (p50Ms === undefined ? none : `${p50Ms}/${p95Ms ?? '?'} ms`),
  },
  {
    head: 'HITS',
    rank: 4,
    cell: ({ hitRatio }) => (hitRatio === undefined ? none : `${Math.round(hitRatio * 100)} %`),
  },
  { head: 'FLIGHT', rank: 5, cell: ({ inFlight }) => thousands(inFlight) },
  { head: 'FACTOR', rank: 6, cell: ({ factor }) => factor.toFixed(2) },
  { head: 'LIMIT', rank: 7, cell: limitText },
  { head: 'MODE', rank: 8, cell: ({ mode }) => mode },
  { head: 'WORKERS', rank: 9, cell: ({ workers }) => thousands(workers) },
];

/**
 * As many columns as the width holds, then a line for each lane that is paused and each provider that is not open. Waiting is priority + backlog; the
 * figures are those of the last minute.
 */
export function providersTable(
  reports: readonly ProviderReport[],
  pauses: readonly LanePause[],
  width: number,
): string {
  let shown = COLUMNS;
  let text = tableOf(shown, reports);
  for (let rank = 9; rank > 0 && widthOf(text) > width; rank--) {
    shown = shown.filter((column) => column.rank < rank);
    text = tableOf(shown, reports);
  }
  const reasons = [...pauses.map(pauseText), ...reports.flatMap((report) => reasonText(report) ?? [])];
  return [text, ...(reasons.length > 0 ? ['', ...reasons.map((line) => shortened(line, width))] : [])].join(
    '\n',
  );
}

const tableOf = (columns: readonly Column[], reports: readonly ProviderReport[]): string =>
  table(
    columns.map(({ head }) => head),
    reports.map((report) => columns.map(({ cell }) => cell(report))),
  );

const widthOf = (text: string): number => Math.max(...text.split('\n').map(({ length }) => length));
const count = (messages: number | undefined): string => (messages === undefined ? '?' : thousands(messages));
const etaText = (seconds: number): string => (seconds === 0 ? none : duration(seconds));

function stateText({ state, leftSeconds }: ProviderReport): string {
  const words = state.replace('_', ' ');
  return leftSeconds === undefined ? words : `${words} ${duration(leftSeconds)}`;
}

function todayText({ requestsToday, dailyBudget, costTodayUsd }: ProviderReport): string {
  const limit = dailyBudget === 0 ? '' : `/${thousands(dailyBudget)}`;
  const cost = costTodayUsd === 0 ? '' : ` ${costTodayUsd.toFixed(2)} USD`;
  return `${thousands(requestsToday)}${limit}${cost}`;
}

function limitText({ rate, isRateSet }: ProviderReport): string {
  const seconds = rate.windowMs / 1_000;
  return `${rate.count}/${seconds === 1 ? '' : seconds}s${isRateSet ? ' set' : ''}`;
}

function reasonText({ name, why, state, leftSeconds }: ProviderReport): string | undefined {
  if (why === '') return undefined;
  const end = state === 'paused' && leftSeconds === undefined ? `; enrich resume ${name}` : '';
  return `${name}: ${why}${end}`;
}

function pauseText({ target, until, reason }: LanePause): string {
  const name = target === 'intake' ? target : `${target} lane`;
  const left = until === UNTIL_RESUMED ? '' : ` for ${duration((until - Date.now()) / 1_000)}`;
  return `${name} is paused${left}: ${reason}; enrich resume ${target}`;
}
