/** What was asked and what came back, held against the list of what has no data on purpose. */
import type { Check } from './checks.ts';
import type { Answer } from './prometheus-server.ts';

export interface Asked {
  readonly check: Check;
  readonly answer: Answer;
}

export interface Verdict {
  readonly withData: number;
  /** Empty, and the list says why. */
  readonly listed: number;
  /** One line each; none = all is well. */
  readonly problems: readonly string[];
}

/** `withoutData`: why a check comes back empty, by its name. An entry that has data, or names nothing, is a problem too. */
export function judge(asked: readonly Asked[], withoutData: Readonly<Record<string, string>>): Verdict {
  const names = new Set(asked.map(({ check }) => check.name));
  const problems = asked.flatMap(({ check, answer }) => problemOf(check, answer, check.name in withoutData));
  const idle = Object.keys(withoutData).filter((name) => !names.has(name));
  return {
    withData: asked.filter(({ answer }) => answer.kind === 'value').length,
    listed: asked.filter(({ check, answer }) => answer.kind === 'empty' && check.name in withoutData).length,
    problems: [...problems, ...idle.map((name) => `${name}: is listed as without data, and is no query`)],
  };
}

/** Whether asking again later may change the verdict. */
export const isSettled = ({ check, answer }: Asked, withoutData: Readonly<Record<string, string>>): boolean =>
  answer.kind === 'value' || check.name in withoutData;

function problemOf({ name, expr }: Check, answer: Answer, isListed: boolean): readonly string[] {
  if (answer.kind === 'error') return [`${name}: ${answer.message}: ${expr}`];
  if (answer.kind === 'empty' && !isListed) return [`${name}: no data: ${expr}`];
  if (answer.kind === 'value' && isListed)
    return [`${name}: is listed as without data, and has some: ${expr}`];
  return [];
}
