/** Definitions of metrics as data, with their types kept. */
type Labels = readonly string[];
export const counter = <const L extends Labels>(name: string, help: string, labels: L) =>
  ({ kind: 'counter', name, help, labels }) as const;
export const gauge = <const L extends Labels>(name: string, help: string, labels: L) =>
  ({ kind: 'gauge', name, help, labels }) as const;
export const histogram = <const L extends Labels>(
  name: string,
  help: string,
  labels: L,
  buckets: readonly number[],
) => ({ kind: 'histogram', name, help, labels, buckets }) as const;
