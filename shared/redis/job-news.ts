/**
 * Tells other processes at once that jobs have moved, or that some were stopped. Only a hint: who misses it finds the same
 * in the database a moment later.
 */
import type { Log } from '../observability/log.ts';
import { jobChannels } from './keys.ts';
import { openRedis, type Redis } from './redis-client.ts';

/** `moved`: look at the job again; `stopped`: nobody wants its tasks any more. */
export type JobNews = 'moved' | 'stopped';

/** Never rejects: without Redis nobody hears it. */
export async function announceJobs(redis: Redis, news: JobNews, jobIds: readonly string[]): Promise<void> {
  if (jobIds.length === 0) return;
  await redis.publish(jobChannels()[news], JSON.stringify(jobIds)).catch(() => undefined);
}

export interface JobNewsOptions {
  readonly url: string;
  /** Of the connection: subscribing takes one of its own. */
  readonly name: string;
  readonly log: Log;
  readonly news: JobNews;
  readonly onNews: (jobIds: readonly string[]) => void;
}

/** Listens until it is closed; a connection that drops comes back by itself, and what was said meanwhile is missed. */
export function openJobNews({ url, name, log, news, onNews }: JobNewsOptions): { close(): void } {
  const redis = openRedis({ url, name, log });
  redis.on('ready', () => {
    redis.subscribe(jobChannels()[news]).catch((error: unknown) => {
      log.debug('news of jobs cannot be heard', { error: (error as Error).message });
    });
  });
  redis.on('message', (_: string, text: string) => {
    onNews(idsIn(text));
  });
  return {
    close: () => {
      redis.disconnect();
    },
  };
}

function idsIn(text: string): readonly string[] {
  try {
    const ids: unknown = JSON.parse(text);
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}
