/**
 * News of gates: paused, resumed, another rate, a circuit that closed. Whoever sleeps until a gate may have changed is
 * woken. News may be lost, with a connection or a restart: everybody looks every few seconds as well.
 */
import type { Log } from '../observability/log.ts';
import { gateChannel } from './keys.ts';
import { openRedis } from './redis-client.ts';

export interface GateNewsOptions {
  readonly url: string;
  readonly name: string;
  readonly log: Log;
  readonly prefix?: string;
  readonly onChange: (provider: string) => void;
}

/** Listens on a connection of its own, which is opened again whenever it is lost. */
export function listenToGates({ url, name, log, prefix, onChange }: GateNewsOptions): { close(): void } {
  const redis = openRedis({ url, name: `${name}#gates`, log });
  redis.on('ready', () => {
    redis.subscribe(gateChannel(prefix)).catch((error: unknown) => {
      log.debug('news of gates are not heard', { error: (error as Error).message });
    });
  });
  redis.on('message', (_channel: string, provider: string) => {
    onChange(provider);
  });
  return {
    close: () => {
      redis.disconnect();
    },
  };
}
