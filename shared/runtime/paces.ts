import Bottleneck from 'bottleneck';
import type { Rate } from './environment.ts';

/** A pace for each key, made when it is first used and forgotten when it was idle for minutes. */
export interface Paces {
  /** Runs it when the key has room; what it throws is thrown on. */
  run<T>(key: string, task: () => Promise<T>): Promise<T>;
}

/** For each key at most `atOnce` tasks at a time, begun evenly and at most at this rate. */
export function createPaces({ atOnce, rate }: { readonly atOnce: number; readonly rate: Rate }): Paces {
  const group = new Bottleneck.Group({ maxConcurrent: atOnce, minTime: rate.windowMs / rate.count });
  return { run: (key, task) => group.key(key).schedule(task) };
}
