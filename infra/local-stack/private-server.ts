import type { Programs } from './installed-programs.ts';
import type { Instance } from './instance.ts';
import type { ServerCommand } from './server-process.ts';
import type { Ports, StackUrls } from './state.ts';

export type ServerName = 'rabbitmq' | 'redis' | 'postgres';

/** A server of the stack, as a client sees it. */
export interface ServerStatus {
  readonly name: ServerName;
  readonly pid: number | undefined;
  readonly ports: Readonly<Record<string, number>>;
  /** Undefined when it serves. */
  readonly problem: string | undefined;
}

/** Everything a server of ours is made from. */
export interface ServerSetup {
  readonly instance: Instance;
  readonly programs: Programs;
  readonly password: string;
  readonly ports: Ports;
  /** Its own folder below the instance's data. */
  readonly dir: string;
  /** Its data may be lost with the machine (never with a process): saves the disk synchronisation. */
  readonly disposable: boolean;
}

/** One kind of server: what is peculiar to it. Starting, watching and stopping are in ensure-server.ts. */
export interface PrivateServer {
  readonly name: ServerName;
  /** Name → the port that it takes when free; undefined = any. */
  readonly ports: Readonly<Record<string, number | undefined>>;
  /** Makes it end in good order, whatever its clients do. */
  readonly stopSignal: NodeJS.Signals;
  /** Makes it end at once; its data is of no use any more. */
  readonly abortSignal: NodeJS.Signals;
  /** Files that it starts from; run before every start, with nothing running. */
  prepare(setup: ServerSetup): Promise<void>;
  command(setup: ServerSetup): ServerCommand;
  /** Resolves when it serves and lets our user in; throws with the reason otherwise. Within a few seconds. */
  check(setup: ServerSetup): Promise<void>;
  urls(setup: ServerSetup): Partial<StackUrls>;
  /** Makes what must be there inside of it, at every start of the stack. Idempotent. */
  furnish?(setup: ServerSetup): Promise<void>;
  /** After its process has ended. */
  cleanUp?(setup: ServerSetup): Promise<void>;
}
