/** As much of PromQL as it takes to know what an expression reads, and what it would say if no threshold hid it. */

const TEXT = String.raw`"(?:[^"\\]|\\.)*"`;
const MATCHERS = String.raw`\{(?:[^}"]|${TEXT})*\}`;
const PASSED_OVER = [
  TEXT,
  String.raw`\[[^\]]*\]`,
  String.raw`\boffset [^\s)]+`,
  String.raw`\b(?:by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)`,
].join('|');
/** Of a function, or of an aggregation with its labels before its argument. */
const CALL = String.raw`\s*(?:(?:by|without)\s*\([^)]*\)\s*)?\(`;
const READ = new RegExp(`${PASSED_OVER}|([a-zA-Z_:][\\w:]*)(${MATCHERS})?(${CALL})?`, 'g');
const WORDS = /^(by|on|and|or|unless|without|ignoring|group_left|group_right|offset|bool)$/;

export interface Selector {
  readonly metric: string;
  /** With its matchers, as it stands. */
  readonly text: string;
}

/** The series that an expression reads, each place of it once. */
export const selectorsIn = (expr: string): readonly Selector[] =>
  [...expr.matchAll(READ)].flatMap(([, metric, matchers = '', call]) =>
    metric === undefined || call !== undefined || WORDS.test(metric)
      ? []
      : [{ metric, text: `${metric}${matchers}` }],
  );

const HIDING = new RegExp(
  `${TEXT}|${MATCHERS}|(==|!=|>=|<=|>|<)|\\b(unless)\\b|\\babsent(?=\\()| offset [^\\s)]+`,
  'g',
);

/**
 * The expression of an alert as it reads while nothing is wrong: comparisons say 0 or 1 and drop nothing, what must be
 * absent must be there, `unless` is `and`, and the past is now. It comes back empty when a name is wrong, or the labels of its
 * parts do not meet.
 */
export const loosened = (expr: string): string =>
  expr.replaceAll(HIDING, (all: string, comparison?: string, unless?: string) => {
    if (comparison !== undefined) return `${comparison} bool`;
    if (unless !== undefined) return 'and';
    return all === 'absent' || all.startsWith(' offset') ? '' : all;
  });
