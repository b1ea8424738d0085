import { hostname, userInfo } from 'node:os';

/** Who is at the command line, for the audit log: a login and the machine. */
export function actor(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A container may run as a user that has no name.
    return `${process.getuid?.() ?? 'unknown'}@${hostname()}`;
  }
}
