import type { RedisFacts } from '../../../shared/redis/inspect-redis.ts';
import { clockFindings } from './clock-findings.ts';
import { type Finding, finding, when } from './finding.ts';

const OLDEST_MAJOR = 6;
const FULL_SHARE = 0.9;

export function redisFindings(facts: RedisFacts): readonly Finding[] {
  const { version, refusals } = facts;
  return [
    finding('redis.reached', 'ok', `Redis ${version}`),
    ...when(
      Number.parseInt(version, 10) < OLDEST_MAJOR,
      finding('redis.version', 'warning', `Redis ${version} is older than what is tested`, 'upgrade to 7'),
    ),
    ...memoryFindings(facts),
    ...when(
      facts.isReplica,
      finding('redis.replica', 'error', 'this Redis is a replica', 'REDIS_URL has to name the primary'),
    ),
    ...when(
      refusals.length > 0,
      finding(
        'redis.permissions',
        'error',
        `Redis refuses what workers do: ${refusals.join('; ')}`,
        'the rights of infra/redis/users.acl for this login',
      ),
    ),
    ...when(
      !facts.hasScheduler,
      finding(
        'scheduler.absent',
        'warning',
        'no scheduler is at work: jobs are not fed, and what waits is not exported',
        'docker compose up -d scheduler',
      ),
    ),
    ...clockFindings('Redis', facts),
  ];
}

/** Gates and leases have no expiry, so that only what a volatile-* policy may take is ever evicted. */
function memoryFindings({ evictionPolicy, usedBytes, maxBytes }: RedisFacts): readonly Finding[] {
  const keepsGates = evictionPolicy.startsWith('volatile-') || evictionPolicy === 'noeviction';
  return [
    ...when(
      evictionPolicy === '',
      finding('redis.eviction', 'notice', 'Redis does not tell its maxmemory-policy', ''),
    ),
    ...when(
      evictionPolicy !== '' && !keepsGates,
      finding(
        'redis.eviction',
        'error',
        `maxmemory-policy is ${evictionPolicy}: gates may be evicted, and then limits be exceeded`,
        'redis-cli config set maxmemory-policy volatile-lru, and the same in redis.conf',
      ),
    ),
    ...when(
      maxBytes > 0 && usedBytes > maxBytes * FULL_SHARE && evictionPolicy === 'noeviction',
      finding(
        'redis.memory',
        'error',
        `${megabytes(usedBytes)} of ${megabytes(maxBytes)} are used, and nothing is evicted: writes are refused soon`,
        'redis-cli config set maxmemory-policy volatile-lru, or a larger maxmemory',
      ),
    ),
    ...when(
      maxBytes === 0,
      finding(
        'redis.max_memory',
        'notice',
        'maxmemory is not set: caches grow until the machine is full',
        'redis-cli config set maxmemory 256mb, and the same in redis.conf',
      ),
    ),
  ];
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MiB`;
