import { exporterLeaseKey } from './keys.ts';
import type { Redis } from './redis-client.ts';
import { Script } from './script.ts';

const HOLD = new Script(`
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`);

/** Takes or keeps the lease; false = another process has it. Rejects when Redis is away. */
export const holdExporterLease = async (
  redis: Redis,
  holder: string,
  { ms, prefix }: { readonly ms: number; readonly prefix?: string },
): Promise<boolean> => (await HOLD.run(redis, [exporterLeaseKey(prefix)], [holder, ms])) === 1;
