import { differences } from '../../../shared/rabbitmq/declare.ts';
import type { BrokerFacts } from '../../../shared/rabbitmq/inspect-broker.ts';
import type { LiveQueue } from '../../../shared/rabbitmq/management.ts';
import { misnamedBacklog, type QueueSpec, type Topology } from '../../../shared/rabbitmq/topology.ts';
import { type Finding, finding, when } from './finding.ts';

const DECLARE = 'npm run -s queue-init   (compose: docker compose up -d enrichment-queue-init)';

/** What a policy may say that loses tasks of a queue that nothing may leave but by hand. */
const LOSING = ['message-ttl', 'expires', 'max-length', 'max-length-bytes'];
/** Redeliveries that the workers count themselves before they put a message into quarantine, twice. */
const LEAST_DELIVERY_LIMIT = 10;

/** Whether exchanges, queues and bindings are what the code says. */
export function topologyFindings(facts: BrokerFacts, topology: Topology): readonly Finding[] {
  const { missing, queues, bindings } = facts;
  const live = new Map((queues ?? []).map((queue) => [queue.name, queue]));
  const drifts = topology.queues.flatMap((spec) => driftOf(spec, live.get(spec.name)));
  const unbound = topology.bindings.filter(
    (one) =>
      bindings?.some(
        ({ exchange, queue, key }) => exchange === one.exchange && queue === one.queue && key === one.key,
      ) === false &&
      !missing.some((name) => name.endsWith(` ${one.queue}`) || name.endsWith(` ${one.exchange}`)),
  );
  const found = [
    ...when(
      missing.length > 0,
      finding('topology.missing', 'error', `not there: ${missing.join(', ')}`, DECLARE),
    ),
    ...drifts,
    ...when(
      unbound.length > 0,
      finding(
        'topology.bindings',
        'error',
        `not bound: ${unbound.map(({ exchange, queue, key }) => `${exchange} -> ${queue} (${key})`).join(', ')}`,
        DECLARE,
      ),
    ),
    ...lostFindings(topology, live),
  ];
  if (found.length > 0) return found;
  const known = queues === undefined ? 'are there' : 'are as they should be';
  return [
    finding('topology.complete', 'ok', `${topology.queues.length} queues and their exchanges ${known}`),
  ];
}

function driftOf({ name, arguments: wanted }: QueueSpec, live: LiveQueue | undefined): readonly Finding[] {
  if (live === undefined) return [];
  const lines = differences(wanted, live.arguments);
  const losing = LOSING.filter((key) => live.policy[key] !== undefined && wanted[`x-${key}`] === undefined);
  const limit = live.policy['delivery-limit'];
  return [
    ...when(
      lines.length > 0,
      finding(
        'topology.arguments',
        'error',
        `queue ${name}: ${lines.join('; ')}`,
        'drain it, delete it by hand, run queue-init; or set ENRICHMENT_QUEUE_TYPE to the type that is there',
      ),
    ),
    ...when(
      losing.length > 0,
      finding(
        'topology.policy',
        'error',
        `queue ${name}: a policy sets ${losing.join(', ')}, by which tasks are lost`,
        'rabbitmqctl list_policies, and clear_policy for the one that matches',
      ),
    ),
    ...when(
      typeof limit === 'number' && limit >= 0 && limit < LEAST_DELIVERY_LIMIT,
      finding(
        'topology.delivery_limit',
        'warning',
        `queue ${name}: a policy sets delivery-limit ${String(limit)}: all that a worker holds counts when it is killed`,
        `a delivery-limit of ${LEAST_DELIVERY_LIMIT} or more`,
      ),
    ),
  ];
}

/** The slip of an older guide: who publishes there is heard by nobody. */
const lostFindings = ({ queues }: Topology, live: ReadonlyMap<string, LiveQueue>): readonly Finding[] =>
  queues
    .filter(({ name }) => name.endsWith('_dlq'))
    .map(({ name }) => live.get(misnamedBacklog(name.slice(0, -'_dlq'.length))))
    .flatMap((queue) =>
      queue === undefined || queue.messages === 0
        ? []
        : [
            finding(
              'topology.misnamed',
              'warning',
              `${queue.name} holds ${queue.messages} messages that nobody reads`,
              `publish to ${queue.name.replace(/_queue$/, '')}, and move these with a shovel`,
            ),
          ],
    );
