import { installCommand, installPackages } from './debian-packages.ts';
import { startDockerStack } from './docker-stack.ts';
import { findPrograms, type Programs } from './installed-programs.ts';
import type { Instance } from './instance.ts';
import { startPrivateStack, type PrivateStack } from './private-stack.ts';
import { readState, type StackState } from './state.ts';

interface OwnServersOptions {
  readonly stack: 'auto' | 'docker' | 'private';
  readonly disposable: boolean;
  readonly report: (line: string) => void;
}

/** The Docker engine first, then programs of this machine, installed if need be; what was used before is used again. */
export async function startOwnServers(instance: Instance, options: OwnServersOptions): Promise<StackState> {
  const before = readState(instance);
  if (options.stack !== 'private' && before?.source !== 'private') {
    const state = await startDockerStack(instance, options.report);
    if (state) return state;
    if (options.stack === 'docker') {
      throw new Error(
        'ENRICHMENT_STACK=docker, but no Docker engine could start the servers of docker-compose.yml',
      );
    }
  }
  const programs = await programsOfMachine(options.report);
  const started = Date.now();
  const stack = { instance, programs, disposable: options.disposable };
  return startPrivateStack(stack, before, (name) => {
    options.report(`${name} is up (${((Date.now() - started) / 1_000).toFixed(1)} s)`);
  });
}

/** The private stack as it stands, for looking at it and for stopping it. */
export function privateStackOf(instance: Instance): PrivateStack {
  return { instance, programs: findPrograms().programs, disposable: false };
}

async function programsOfMachine(report: (line: string) => void): Promise<Programs> {
  const { programs, missing } = findPrograms();
  if (missing.length === 0) return programs;
  const installed = await installPackages(missing, report);
  const after = installed ? findPrograms() : { programs, missing };
  if (after.missing.length === 0) return after.programs;
  throw new Error(
    `RabbitMQ, Redis and PostgreSQL are needed, and not all are on this machine. This gets them:\n  ${installCommand(after.missing)}`,
  );
}
