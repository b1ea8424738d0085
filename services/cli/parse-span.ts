import { InvalidArgumentError } from 'commander';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `45s`, `30m`, `2h`, `30d`. Throws InvalidArgumentError. */
export function parseSpan(raw: string): number {
  const [, amount = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(raw.trim()) ?? [];
  const ms = Number(amount) * (UNIT_MS[unit] ?? 0);
  if (ms > 0) return ms;
  throw new InvalidArgumentError('Expected a time such as 45s, 30m, 2h or 7d.');
}
