/** Numbers as people read them. */

export const thousands = (count: number): string => Math.round(count).toLocaleString('en-US');

/** `1:05`. */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** `45 s`, `3 min`. */
export const duration = (seconds: number): string =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`;

/** `97.4 %`; 100 % only of all. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return '-';
  return `${(Math.floor((part / whole) * 1_000) / 10).toFixed(part === whole ? 0 : 1)} %`;
}
