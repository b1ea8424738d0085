import type { Command } from 'commander';
import { type Controls, openControls } from '../../../shared/controls/controls.ts';
import { actor } from '../actor.ts';
import { loadConfig } from '../config.ts';
import { createStderrLog } from '../stderr-log.ts';

export interface ActorFlag {
  readonly actor?: string;
}

export const addActorOption = (command: Command): Command =>
  command.option('--actor <name>', 'who says so, for the audit log (default: you, at this machine)');

/** Runs a command that tells the running system what to do. Throws ServersUnavailable. */
export async function withControls<T>(
  { actor: named }: ActorFlag,
  run: (controls: Controls) => Promise<T>,
): Promise<T> {
  const { databaseUrl, redisUrl } = loadConfig();
  const log = createStderrLog(process.stderr);
  const controls = await openControls({ databaseUrl, redisUrl, actor: named ?? actor(), log });
  try {
    return await run(controls);
  } finally {
    await controls.close();
  }
}
