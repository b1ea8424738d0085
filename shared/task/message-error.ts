/** Why a message or a record can never be a task. */
import type { z } from 'zod';
import type { Fields } from './task.ts';

export type MessageFault = 'too_large' | 'not_json' | 'too_deep' | 'invalid' | 'unknown_version';

/** One refused value: where, what, why. */
export interface FieldProblem {
  readonly field: string;
  /** Shortened to 100 characters. */
  readonly value: string;
  readonly reason: string;
}

/** Thrown when a message can never be a task: it goes to the dead letters with this reason, and is not tried again. */
export class MessageError extends Error {
  override readonly name = 'MessageError';
  readonly fault: MessageFault;
  readonly problems: readonly FieldProblem[];
  constructor(fault: MessageFault, message: string, problems: readonly FieldProblem[] = []) {
    super(message);
    this.fault = fault;
    this.problems = problems;
  }
}

/** The refused values of a record, for reports to people. */
export function problemsOf(error: z.ZodError, record: Fields): FieldProblem[] {
  return error.issues.map(({ path, message }) => problem(path, valueAt(record, path), message));
}

function valueAt(record: Fields, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key],
    record,
  );
}

export function problem(path: readonly PropertyKey[], value: unknown, reason: string): FieldProblem {
  const shown = value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  return { field: path.join('.'), value: shown.slice(0, 100), reason };
}

/** What a record is refused with whose fields are wrong. */
export function invalid(problems: readonly FieldProblem[]): MessageError {
  const said = problems.map(({ field, value, reason }) => `${field}: ${reason}, got '${value}'`);
  return new MessageError('invalid', said.join('; ').slice(0, 1_000), problems);
}
