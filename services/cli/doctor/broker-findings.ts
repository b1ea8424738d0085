import type { BrokerFacts } from '../../../shared/rabbitmq/inspect-broker.ts';
import type { BrokerNode } from '../../../shared/rabbitmq/management.ts';
import { type Finding, finding, when } from './finding.ts';

const OLDEST = [3, 10] as const;
/** A node is near its alarm from here on. */
const MEMORY_SHARE = 0.8;
const DISK_TIMES = 2;

export function brokerFindings(facts: BrokerFacts): readonly Finding[] {
  const { version, publishRefusal, nodes } = facts;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return [
    finding('rabbitmq.reached', 'ok', `RabbitMQ ${version}`),
    ...when(
      major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]),
      finding(
        'rabbitmq.version',
        'error',
        `RabbitMQ ${version} does not dead-letter at least once: retries may be lost`,
        'upgrade to 3.10 or newer',
      ),
    ),
    ...when(
      publishRefusal !== '',
      finding(
        'rabbitmq.permissions',
        'error',
        `this login may not publish: ${publishRefusal}`,
        'the rights of infra/rabbitmq/definitions.json for it',
      ),
    ),
    ...when(
      facts.isBlocked,
      finding('rabbitmq.blocked', 'error', 'the broker takes no messages: memory or disk', FREE),
    ),
    ...when(
      nodes === undefined,
      finding(
        'rabbitmq.management',
        'notice',
        'the management API was not asked: arguments, alarms, memory and disk are not known',
        'set RABBITMQ_MANAGEMENT_URL, with a login that has the tag monitoring',
      ),
    ),
    ...(nodes ?? []).flatMap(nodeFindings),
  ];
}

const FREE = 'free disk, or raise the limit; docs/runbooks/RabbitmqDiskAlarm.md, RabbitmqMemoryAlarm.md';

function nodeFindings(node: BrokerNode): readonly Finding[] {
  const { name, partitions } = node;
  if (!node.isRunning)
    return [finding('rabbitmq.node', 'error', `node ${name} does not run`, 'start it: rabbitmq-server')];
  const memory = `${gigabytes(node.memoryBytes)} of ${gigabytes(node.memoryLimitBytes)}`;
  const disk = `${gigabytes(node.diskFreeBytes)} of disk are free, the limit is ${gigabytes(node.diskLimitBytes)}`;
  return [
    ...when(
      node.hasMemoryAlarm,
      finding('rabbitmq.memory_alarm', 'error', `${name}: memory alarm, ${memory} are used`, FREE),
    ),
    ...when(
      !node.hasMemoryAlarm && node.memoryBytes > node.memoryLimitBytes * MEMORY_SHARE,
      finding('rabbitmq.memory', 'warning', `${name}: ${memory} of memory are used`, FREE),
    ),
    ...when(node.hasDiskAlarm, finding('rabbitmq.disk_alarm', 'error', `${name}: disk alarm, ${disk}`, FREE)),
    ...when(
      !node.hasDiskAlarm && node.diskFreeBytes < node.diskLimitBytes * DISK_TIMES,
      finding('rabbitmq.disk', 'warning', `${name}: ${disk}`, FREE),
    ),
    ...when(
      partitions.length > 0,
      finding(
        'rabbitmq.partition',
        'error',
        `${name} does not see ${partitions.join(', ')}: the cluster is split`,
        'restart the smaller side',
      ),
    ),
  ];
}

const gigabytes = (bytes: number): string => `${(bytes / 1_073_741_824).toFixed(1)} GiB`;
