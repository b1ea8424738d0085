/**
 * What is done about a message that the broker has handed out before and never heard of again: it may be what ended
 * those processes. It is not read before that is decided. No verdict: deliveries handed back at shutdown count too, and
 * in the quarantine an innocent task is simply enriched.
 *
 * A quorum queue counts by itself and says so. A classic one only says "again": the message is moved to the end of its
 * queue with a count of its own, at the lane's highest priority, so that it keeps its place before all others.
 */
import type { Delivery } from '../../shared/rabbitmq/delivery.ts';
import type { Destination, Relocation } from '../../shared/rabbitmq/relocate.ts';
import { MAX_PRIORITY, QUARANTINE } from '../../shared/rabbitmq/topology.ts';
import { letterId } from '../../shared/task/dead-letter.ts';
import { keptHeaders } from '../../shared/task/message-headers.ts';
import { DEFAULT_PRIORITY, type Lane } from '../../shared/task/task.ts';

/** Redeliveries after which a message is not worked on beside others any more. */
const QUARANTINE_FROM = 5;
/** Redeliveries in the quarantine, where it was alone, after which it is a dead letter. */
export const POISON_FROM = 3;

/** True = it was set aside before, and is read here all the same. */
export const isSuspect = ({ message }: Pick<Delivery, 'message'>): boolean =>
  numberIn((message.properties.headers as Record<string, unknown> | undefined)?.['x-redeliveries']) > 0;

/** Where this redelivered message goes instead of being worked on; undefined = nowhere, it may be. */
export function setAside(delivery: Delivery, lane: Lane): (Destination & Relocation) | undefined {
  const {
    messageId,
    priority,
    headers = {},
  } = delivery.message.properties as {
    messageId?: string;
    priority?: number;
    headers?: Readonly<Record<string, unknown>>;
  };
  const counted = headers['x-delivery-count'];
  const isCountedByBroker = typeof counted === 'number';
  const redeliveries = isCountedByBroker ? counted : numberIn(headers['x-redeliveries']) + 1;
  const kept = keptHeaders(headers);
  const message = {
    body: delivery.message.content,
    messageId: messageId ?? letterId(delivery.queue, delivery.message.content),
  };
  if (redeliveries >= QUARANTINE_FROM) {
    return {
      ...message,
      queue: QUARANTINE,
      priority: priority ?? DEFAULT_PRIORITY,
      headers: { ...kept, 'x-origin-queue': delivery.queue },
    };
  }
  if (isCountedByBroker) return undefined;
  return {
    ...message,
    queue: delivery.queue,
    lane,
    priority: MAX_PRIORITY[lane],
    headers: { ...kept, 'x-redeliveries': redeliveries },
  };
}

/** How often the broker has handed this message out before, where it counts: in quorum queues. */
export const countedByBroker = ({ message }: Pick<Delivery, 'message'>): number =>
  numberIn((message.properties.headers as Record<string, unknown> | undefined)?.['x-delivery-count']);

/**
 * Where a message of the quarantine was taken from. Where the broker itself moved it (its delivery limit) only the
 * broker's headers say so.
 */
export function originQueueOf({ message }: Pick<Delivery, 'message'>): string {
  const headers = (message.properties.headers ?? {}) as Readonly<Record<string, unknown>>;
  const said = headers['x-origin-queue'] ?? headers['x-first-death-queue'];
  return typeof said === 'string' ? said : QUARANTINE;
}

const numberIn = (value: unknown): number => (typeof value === 'number' && value > 0 ? value : 0);
