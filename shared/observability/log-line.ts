/** One line of a log: the message and its facts, without the credentials that addresses carry. */
import { inspect } from 'node:util';
import type { LogFields, LogLevel } from './log.ts';

export type LineOf = (level: LogLevel, message: string, fields?: LogFields) => string;

/** `amqp://user:secret@host` in the message of somebody's error is the usual way for a password into a log. */
export const scrubUrls = (text: string): string =>
  // Nearly no text holds an address, and a search for three characters is all that the others pay.
  text.includes('://') ? text.replace(/([a-z][a-z0-9+]*:\/\/[^:@/\s]*):[^@/\s]+@/gi, '$1:***@') : text;

const scrubbed = (value: unknown): unknown => (typeof value === 'string' ? scrubUrls(value) : value);

/** An object a line: level, message, timestamp, then the facts, then `common`. */
export function jsonLine(common: LogFields = {}): LineOf {
  return (level, message, fields) => {
    const line: Record<string, unknown> = {
      level,
      message: scrubUrls(message),
      timestamp: new Date().toISOString(),
    };
    for (const key in fields) line[key] = scrubbed(fields[key]);
    Object.assign(line, common);
    try {
      return JSON.stringify(line);
    } catch {
      // A cycle or a bigint among the facts: better told in another form than not at all.
      return JSON.stringify({ ...line, ...inspected(fields) });
    }
  };
}

const inspected = (fields: LogFields = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, scrubUrls(inspect(value))]));

export const prettyLine: LineOf = (level, message, fields = {}) => {
  const time = new Date().toTimeString().slice(0, 8);
  const mark = level === 'info' ? '' : `${level.toUpperCase()} `;
  const facts = Object.entries(fields).map(([key, value]) => {
    const said = typeof value === 'string' ? scrubUrls(value) : inspect(value, { breakLength: Infinity });
    return `${key}=${said}`;
  });
  return `${time} ${mark}${scrubUrls(message)}${facts.length > 0 ? `  ${facts.join(' ')}` : ''}`;
};
