/** The services of a compose project, through the `docker` of this machine, which finds project and files by itself. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Thrown when docker is not there or fails: with what it said. */
export class ComposeError extends Error {
  override readonly name = 'ComposeError';
}

const run = promisify(execFile);

/** Workers that stop may take their 35 s, ten at a time or all at once. */
const TIMEOUT_MS = 300_000;
const MOST_OUTPUT_BYTES = 16 * 1_048_576;

/** Containers of the service that run. Rejects with ComposeError. */
export async function countReplicas(service: string): Promise<number> {
  const ids = await compose(['ps', '-q', service]);
  return ids.split('\n').filter((line) => line.trim() !== '').length;
}

/** Nothing else of the project is started, changed or made anew. */
export const scaleArguments = (replicas: Readonly<Record<string, number>>): readonly string[] => [
  ...['up', '-d', '--no-deps', '--no-recreate'],
  ...Object.entries(replicas).flatMap(([service, count]) => ['--scale', `${service}=${count}`]),
  ...Object.keys(replicas),
];

/** What a command prints in a container of the service `enrich`. Rejects with ComposeError. */
export const runInside = (args: readonly string[]): Promise<string> =>
  compose(['run', '--rm', '-T', '--no-deps', 'enrich', ...args]);

/** What `docker compose` prints. Rejects with ComposeError. */
export async function compose(args: readonly string[]): Promise<string> {
  try {
    const options = { timeout: TIMEOUT_MS, maxBuffer: MOST_OUTPUT_BYTES };
    return (await run('docker', ['compose', ...args], options)).stdout;
  } catch (error) {
    const { code, stderr = '', message } = error as NodeJS.ErrnoException & { readonly stderr?: string };
    const why = code === 'ENOENT' ? 'there is no docker on this machine' : stderr.trim() || message;
    throw new ComposeError(`docker compose ${args.join(' ')}: ${why}`, { cause: error });
  }
}
