/** How providers and lanes do, as every JSON document says it: the command's and the HTTP API's. */
import type { LanePause } from '../postgres/lane-pauses.ts';
import { UNTIL_RESUMED } from '../redis/gate-slot.ts';
import type { ProviderReport } from './provider-report.ts';

/** With every figure under its own name; absent ones are null. */
export const providersDocument = (
  reports: readonly ProviderReport[],
  pauses: readonly LanePause[],
): { readonly paused: readonly object[]; readonly providers: readonly object[] } => ({
  paused: pauses.map(pauseDocument),
  providers: reports.map(providerDocument),
});

const providerDocument = (report: ProviderReport): object => ({
  provider: report.name,
  mode: report.mode,
  state: report.state,
  why: report.why,
  left_s: rounded(report.leftSeconds),
  workers: report.workers,
  rate: `${report.rate.count}/${report.rate.windowMs}ms`,
  rate_set: report.isRateSet,
  learned_factor: report.factor,
  requests_last_minute: report.requests,
  allowed_per_minute: report.allowed,
  errors_last_minute: report.errors,
  in_flight: report.inFlight,
  waiting: { priority: report.waiting.priority ?? null, backlog: report.waiting.backlog ?? null },
  eta_s: rounded(report.etaSeconds),
  requests_today: report.requestsToday,
  cost_today_usd: report.costTodayUsd,
  daily_budget: report.dailyBudget === 0 ? null : report.dailyBudget,
  hit_ratio: report.hitRatio ?? null,
  p50_ms: report.p50Ms ?? null,
  p95_ms: report.p95Ms ?? null,
});

const pauseDocument = ({ target, until, reason, actor }: LanePause): object => ({
  target,
  until: until === UNTIL_RESUMED ? null : new Date(until).toISOString(),
  reason,
  actor,
});

const rounded = (value: number | undefined): number | null =>
  value === undefined ? null : Math.round(value);
