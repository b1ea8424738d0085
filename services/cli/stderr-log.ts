import type { Writable } from 'node:stream';
import { scrubUrls } from '../../shared/observability/log-line.ts';
import type { Log, LogFields } from '../../shared/observability/log.ts';

/** Warnings for the person at the command line: one line each, and not the same one over and over. */
export function createStderrLog(stream: Writable): Log {
  let latest = '';
  const say = (message: string, fields?: LogFields): void => {
    if (message === latest) return;
    latest = message;
    const reason = fields?.['error'] ?? fields?.['reason'];
    stream.write(scrubUrls(`${message}${typeof reason === 'string' ? ` (${reason})` : ''}\n`));
  };
  const ignore = (): void => undefined;
  return {
    debug: ignore,
    info: ignore,
    warn: say,
    error: say,
    isEnabled: (level) => level === 'warn' || level === 'error',
  };
}
