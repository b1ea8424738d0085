/** `ok`: as it should be; `notice`: good to know; `warning`: will hurt; `error`: hurts; `away`: could not be looked at. */
export type Severity = 'ok' | 'notice' | 'warning' | 'error' | 'away';

export interface Finding {
  /** Stable, for machines: `redis.eviction`. */
  readonly check: string;
  readonly severity: Severity;
  readonly what: string;
  /** What to do; empty = nothing. */
  readonly fix: string;
}

export const finding = (check: string, severity: Severity, what: string, fix = ''): Finding => ({
  check,
  severity,
  what,
  fix,
});

/** Those for which the condition holds. */
export const when = (condition: boolean, ...findings: readonly Finding[]): readonly Finding[] =>
  condition ? findings : [];
