/** What a scene is made of: what all of a run have in common, and what a fault may want otherwise. */
import type { Environment } from '../../shared/runtime/environment.ts';
import type { FaultStack } from './fault-stack.ts';
import type { Preload } from './preload.ts';
import type { SandboxControl } from './sandbox-control.ts';

export interface SceneOptions {
  readonly workers: number;
  readonly perSecond: number;
  readonly coldShare: number;
  /** Publishes to this lane alone. */
  readonly lane?: 'priority' | 'backlog';
  /** Of the broker's side: clients take the smaller value. */
  readonly heartbeatSeconds?: number;
  readonly workerEnv?: Environment;
  /** Of every worker. */
  readonly preload?: Preload;
}

export const USUAL: SceneOptions = { workers: 2, perSecond: 300, coldShare: 0.06 };
export interface RunParts {
  readonly stack: FaultStack;
  readonly sandbox: SandboxControl;
  /** Migrated database that every scene copies. */
  readonly template: string;
  readonly seed: number;
}
