/**
 * What a failed query says about the server, and what about the rows. The two must not be confused: rows are
 * dead-lettered for their own faults only, and a server that is away dead-letters nothing.
 */

/** By shape, not by class: an error may come from another realm. */
function textOf(error: unknown, key: 'code' | 'message'): string | undefined {
  const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, key) : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** SQLSTATE, or the code of a socket error; most errors of the driver itself have none. */
const codeOf = (error: unknown): string | undefined => textOf(error, 'code');

const messageOf = (error: unknown): string => textOf(error, 'message') ?? '';

const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT', // a Unix socket whose server is not up
]);

/**
 * SQLSTATE classes and codes of a server that cannot serve now: connection (08, which is also how pgbouncer says that
 * its server is away), resources and disk (53), shutdown and start-up (57P), system (58); a session ended for idling
 * (25P03), a standby that is not promoted yet (25006), and a statement that the server's timeout ended (57014).
 */
const SERVER_STATES = /^(08...|53...|57P..|58...|25P03|25006|57014)$/;

/** Texts of the driver for faults without a code: cut connections, and what its two timeouts say. */
const CUT = /^(Connection terminated|Client has encountered a connection error|Client was closed)/;
const TIMEOUT =
  /^(Query read timeout|timeout exceeded when trying to connect|Connection terminated due to connection timeout)/;

/** The server did not answer in time, whichever clock ran out. */
export function isTimeout(error: unknown): boolean {
  const code = codeOf(error);
  return code === '57014' || code === 'ETIMEDOUT' || (code === undefined && TIMEOUT.test(messageOf(error)));
}

/**
 * The server is away, restarting, out of resources or silent. Says nothing about what was to be written: keep it, pause,
 * try again on another connection. The one in use is broken or cannot be trusted.
 */
export function isConnectionFault(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== undefined) return SERVER_STATES.test(code) || SOCKET_CODES.has(code);
  return isTimeout(error) || CUT.test(messageOf(error));
}

/** A deadlock, a failed serialisation, a lock that others held too long: the same transaction works when run again. */
export function isTransient(error: unknown): boolean {
  return ['40P01', '40001', '55P03'].includes(codeOf(error) ?? '');
}

/** The server does not know a statement by the name it was given, or knows it already: a pooler is between. */
export function isNameFault(error: unknown): boolean {
  return ['26000', '42P05'].includes(codeOf(error) ?? '');
}

/**
 * The rows themselves are refused: a value out of range or unreadable (22), a constraint (23), too large (54). Running
 * the same statement again fails again. What is neither this, nor transient, nor a connection fault (a missing table, a
 * missing right) is for the operator: no row is to blame.
 */
export function isDataFault(error: unknown): boolean {
  return /^(22|23|54)...$/.test(codeOf(error) ?? '');
}
