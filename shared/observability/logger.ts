import { inspect } from 'node:util';
import { createLogger, format, transports } from 'winston';
import type { Log, LogFields, LogLevel } from './log.ts';

export interface LoggerOptions {
  readonly level: LogLevel;
  /** `json`: one object a line, for machines; `pretty`: for people; `auto`: pretty when stderr is a terminal. */
  readonly format: 'json' | 'pretty' | 'auto';
  /** On every line: service, version, … */
  readonly fields?: LogFields;
}

/** Writes to stderr: stdout belongs to the data that a command prints. */
export function openLogger(options: LoggerOptions): Log {
  const isJson = options.format === 'json' || (options.format === 'auto' && !process.stderr.isTTY);
  const shape = isJson ? format.combine(format.timestamp(), format.json()) : format.printf(prettyLine);
  const logger = createLogger({
    level: options.level,
    format: format.combine(withoutCredentials(), shape),
    defaultMeta: isJson ? { ...options.fields } : {},
    // winston's own type of its transport does not extend the type that it asks for.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
    transports: [new transports.Console({ stderrLevels: ['error', 'warn', 'info', 'debug'] })],
  });
  const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
    logger.log(level, message, fields);
  };
  return {
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    isEnabled: (level) => logger.isLevelEnabled(level),
  };
}

/** `amqp://user:secret@host` in the message of somebody's error is the usual way for a password into a log. */
export const scrubUrls = (text: string): string =>
  text.replace(/([a-z][a-z0-9+]*:\/\/[^:@/\s]*):[^@/\s]+@/gi, '$1:***@');

const withoutCredentials = format((info) => {
  for (const [key, value] of Object.entries(info))
    if (typeof value === 'string') info[key] = scrubUrls(value);
  return info;
});

function prettyLine(info: Record<string, unknown>): string {
  const { level, message, ...fields } = info;
  const time = new Date().toTimeString().slice(0, 8);
  const mark = level === 'info' ? '' : `${String(level).toUpperCase()} `;
  const facts = Object.entries(fields).map(([key, value]) => {
    return `${key}=${typeof value === 'string' ? value : inspect(value, { breakLength: Number.POSITIVE_INFINITY })}`;
  });
  return `${time} ${mark}${String(message)}${facts.length > 0 ? `  ${facts.join(' ')}` : ''}`;
}
