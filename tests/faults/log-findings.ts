/** What the logs of a run say that they should not: errors that nobody expected, and secrets. */

export interface LogFindings {
  readonly errors: readonly string[];
  readonly leaks: readonly string[];
}

export interface ReadLog {
  readonly name: string;
  readonly text: string;
  /** Ended on purpose in the middle of whatever it was doing: what is no line of ours is then its death rattle. */
  readonly wasKilled: boolean;
}

/** Errors of these texts belong to the fault; secrets belong nowhere. */
export interface LogExpectations {
  readonly expected: readonly string[];
  readonly secrets: readonly string[];
}

export function findInLog({ name, text, wasKilled }: ReadLog, expectations: LogExpectations): LogFindings {
  const { expected, secrets } = expectations;
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const errors = lines.filter((line) => {
    const entry = parseEntry(line);
    if (entry === undefined) return !wasKilled;
    return entry.level === 'error' && !expected.includes(entry.message);
  });
  const leaks = lines.filter((line) => secrets.some((secret) => line.includes(secret)));
  return {
    errors: errors.map((line) => `${name}: ${line.slice(0, 300)}`),
    // The line itself would leak once more.
    leaks: leaks.map((line) => `${name}: ${parseEntry(line)?.message ?? 'no line of ours'}`),
  };
}

/** Passwords in addresses. */
export const passwordsIn = (urls: Iterable<string>): readonly string[] =>
  [...urls].map((url) => decodeURIComponent(new URL(url).password)).filter((password) => password !== '');

function parseEntry(line: string): { readonly level: string; readonly message: string } | undefined {
  try {
    const { level, message } = JSON.parse(line) as { level?: unknown; message?: unknown };
    return typeof level === 'string' && typeof message === 'string' ? { level, message } : undefined;
  } catch {
    return undefined;
  }
}
