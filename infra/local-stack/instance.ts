import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The clone that this file belongs to. */
const cloneRoot = dirname(dirname(import.meta.dirname));

/** Where one stack of one clone lives. Several may run at once: they share neither data nor ports nor node names. */
export interface Instance {
  readonly root: string;
  readonly name: string;
  /** Unique on this machine among all clones and instances; fit for a node name and for a compose project. */
  readonly id: string;
  readonly stateDir: string;
  readonly dataDir: string;
}

/**
 * As root the data lies outside the clone: PostgreSQL runs as an unprivileged user then, and a clone below /root or another
 * private directory is out of its reach.
 */
export function instanceOf(name: string, root = cloneRoot): Instance {
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(name)) {
    throw new Error(`stack name '${name}': expected a letter, then letters, digits and dashes`);
  }
  const clone = createHash('sha256').update(root).digest('hex').slice(0, 8);
  const stateDir = join(root, '.stack', name);
  const privileged = process.getuid?.() === 0;
  const dataDir = privileged ? join('/var/lib/enrichment-stack', clone, name) : join(stateDir, 'data');
  return { root, name, id: `enrichment-${clone}-${name}`, stateDir, dataDir };
}

/** Made with the data and gone with it, so that servers and clients agree however often the stack is started. */
export function passwordOf(instance: Instance): string {
  const file = join(instance.dataDir, 'password');
  if (!existsSync(file)) {
    mkdirSync(instance.dataDir, { recursive: true, mode: 0o755 });
    // mkdir obeys the umask, and a strict one would shut the unprivileged user out.
    chmodSync(instance.dataDir, 0o755);
    writeFileSync(file, randomBytes(16).toString('hex'), { mode: 0o600 });
  }
  return readFileSync(file, 'utf8');
}
