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

/**
 * Programs that this machine has come first: they start in seconds. Without them a Docker engine is asked, and without one they are
 * installed. What was used before is used again.
 */
export async function startOwnServers(instance: Instance, options: OwnServersOptions): Promise<StackState> {
  const before = readState(instance);
  if (wantsDocker(options.stack, before)) {
    const state = await startDockerStack(instance, options);
    if (state) return state;
    if (options.stack === 'docker') {
      throw new Error('ENRICHMENT_STACK=docker, but no Docker engine could start the servers');
    }
  }
  const programs = await programsOfMachine(options.report);
  const started = Date.now();
  const stack = { instance, programs, disposable: options.disposable };
  return startPrivateStack(stack, before, (name) => {
    options.report(`${name} is up (${((Date.now() - started) / 1_000).toFixed(1)} s)`);
  });
}

function wantsDocker(stack: OwnServersOptions['stack'], before: StackState | undefined): boolean {
  if (stack !== 'auto') return stack === 'docker';
  if (before !== undefined) return before.source === 'docker';
  return findPrograms().missing.length > 0;
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
