import type { Fields } from '../task/task.ts';

/** The field as text; undefined when it is absent or of another type. */
export function textIn(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' ? value : undefined;
}

/** The field as a number; undefined when it is absent or of another type. */
export function numberIn(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  return typeof value === 'number' ? value : undefined;
}
