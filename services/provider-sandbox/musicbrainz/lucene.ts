import { words } from '../catalogue/text-index.ts';

/** One thing that is asked of a field; phrases are in order and next to each other. */
export interface Clause {
  readonly field: string;
  readonly words: readonly string[];
  readonly phrase: boolean;
  /** Joined to the others by AND, or marked with a plus. */
  readonly required: boolean;
  /** Of a range such as `dur:[1000 TO 2000]`. */
  readonly range?: readonly [from: number, to: number];
}

/** The query breaks the syntax of the search server, which answers 400. */
export class QuerySyntaxError extends Error {
  override readonly name = 'QuerySyntaxError';
}

const TOKEN =
  /\s+|\b(AND|OR|NOT)\b|&&|\|\||(?:(\w+):)?(?:"((?:[^"\\]|\\.)*)"|\(((?:[^()\\]|\\.)*)\)|\[(\S+) TO (\S+)\]|((?:[^\s"()[\]\\:]|\\.)+))/gy;

const unescaped = (text: string): string => text.replace(/\\(.)/g, '$1');

/** Reads the part of Lucene's syntax that clients use: fields, phrases, groups of words, ranges, AND and OR. */
export function parseLucene(query: string): Clause[] {
  const clauses: Clause[] = [];
  let joined = false;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < query.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(query);
    if (match === null || match[0] === '') throw new QuerySyntaxError(`cannot parse '${query}' at ${at}`);
    const [text, operator, field = 'recording', phrase, group, from, to, word] = match;
    if (text.trim() === '') continue;
    if (operator !== undefined || text === '&&' || text === '||') {
      joined = operator === 'AND' || text === '&&';
      const previous = clauses.at(-1);
      if (joined && previous !== undefined) clauses[clauses.length - 1] = { ...previous, required: true };
      continue;
    }
    clauses.push({
      field,
      words: words(unescaped(phrase ?? group ?? word ?? '')),
      phrase: phrase !== undefined,
      required: joined || (word?.startsWith('+') ?? false),
      ...(from === undefined || to === undefined ? {} : { range: [Number(from), Number(to)] as const }),
    });
    joined = false;
  }
  return clauses;
}
