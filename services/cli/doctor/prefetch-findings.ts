import type { ProviderReport } from '../../../shared/controls/provider-report.ts';
import type { LiveConsumer } from '../../../shared/rabbitmq/management.ts';
import { laneQueue, providerPrefix } from '../../../shared/rabbitmq/topology.ts';
import { LANES } from '../../../shared/task/task.ts';
import { type Finding, finding } from './finding.ts';

/** RabbitMQ's default; it is no argument of a queue and no answer of the management API. */
const CONSUMER_TIMEOUT_SECONDS = 1_800;

/**
 * What is handed to workers waits there for its turn at the provider. Held for longer than the broker waits for an
 * acknowledgement, the channel is closed and everything comes back: work is done twice, and counts as redelivered.
 */
export const prefetchFindings = (
  consumers: readonly LiveConsumer[],
  providers: readonly ProviderReport[],
): readonly Finding[] =>
  providers.flatMap(({ name, rate, factor }) => {
    const perSecond = (rate.count / rate.windowMs) * 1_000 * factor;
    const queues = LANES.map((lane) => laneQueue(providerPrefix(name), lane));
    const held = consumers
      .filter(({ queue }) => queues.includes(queue))
      .reduce((sum, { prefetch }) => sum + prefetch, 0);
    const seconds = held / perSecond;
    if (seconds <= CONSUMER_TIMEOUT_SECONDS) return [];
    return [
      finding(
        'rabbitmq.prefetch',
        'warning',
        `${name}: workers hold up to ${held} tasks, ${Math.round(seconds / 60)} minutes of its limit; ` +
          'the broker takes back what is held for 30',
        `fewer workers, or consumer_timeout = ${Math.ceil(seconds * 2) * 1_000} in rabbitmq.conf`,
      ),
    ];
  });
