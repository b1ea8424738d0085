import type { ProviderPace } from './pace.ts';
import { publishedIn, settledIn, type RunState } from './run-state.ts';
import type { Style } from './style.ts';
import { textTable } from './text-table.ts';
import { clock, duration, thousands } from './words.ts';

export interface Progress {
  readonly state: RunState;
  readonly paces: ReadonlyMap<string, ProviderPace>;
  readonly etaSeconds: number | undefined;
}

const BAR_WIDTH = 30;
const SHARE_WIDTH = 12;

const COLUMNS = [
  { title: 'stage', align: 'left' },
  { title: 'waiting', align: 'right' },
  { title: 'requests/s', align: 'right' },
  { title: 'of its limit', align: 'right' },
  { title: '', align: 'left' },
] as const;

/** For a terminal: a bar, and a line for each stage. Never wider than 80 columns. */
export function progressBlock({ state, paces, etaSeconds }: Progress, style: Style): string[] {
  const published = publishedIn(state);
  const settled = settledIn(state);
  const share = published === 0 ? 0 : Math.min(1, settled / published);
  const eta = etaSeconds === undefined ? '' : `   about ${duration(etaSeconds)} to go`;
  const rows = [...state.waiting].map(([stage, waiting]) => {
    const pace = paces.get(stage);
    if (pace === undefined) return [stage, thousands(waiting)];
    return [
      stage,
      thousands(waiting),
      pace.perSecond.toFixed(1),
      `${Math.round(pace.share * 100)} %`,
      bar(pace.share, SHARE_WIDTH),
    ];
  });
  return [
    `  ${style.good(bar(share, BAR_WIDTH))} ${String(Math.floor(share * 100)).padStart(3)} %   ${clock(state.seconds)}${eta}`,
    `  ${thousands(published)} published   ${style.bold(thousands(settled))} done`,
    '',
    ...textTable(COLUMNS, rows, style).split('\n'),
  ];
}

/** For a log: the same in one line. */
export function progressLine({ state, paces, etaSeconds }: Progress): string {
  const waiting = [...state.waiting]
    .filter(([, count]) => count > 0)
    .map(([stage, count]) => `${stage} ${thousands(count)}`);
  const rates = [...paces]
    .filter(([, { perSecond }]) => perSecond > 0)
    .map(([name, { perSecond, share }]) => `${name} ${perSecond.toFixed(1)} (${Math.round(share * 100)} %)`);
  return [
    clock(state.seconds),
    `published ${thousands(publishedIn(state))}, done ${thousands(settledIn(state))}`,
    `waiting: ${waiting.join(', ') || 'nothing'}`,
    `requests/s (share of the limit): ${rates.join(', ') || 'none'}`,
    ...(etaSeconds === undefined ? [] : [`about ${duration(etaSeconds)} to go`]),
  ].join('  ');
}

function bar(share: number, width: number): string {
  const full = Math.round(Math.min(1, share) * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}
