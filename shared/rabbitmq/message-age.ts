import type { Message } from 'amqplib';

/**
 * When its publisher stamped the message, epoch milliseconds; undefined when it did not. Stamps are whole seconds, and a
 * message keeps its own on every move.
 */
export function publishedAt({ properties }: Pick<Message, 'properties'>): number | undefined {
  const stamp = (properties as { readonly timestamp?: unknown }).timestamp;
  if (typeof stamp !== 'number' || stamp <= 0) return undefined;
  // Some clients stamp milliseconds, which as seconds would lie beyond the year 5000.
  return stamp > 100_000_000_000 ? stamp : stamp * 1_000;
}

/** Milliseconds since then. A clock that runs ahead does not make a message younger than 0. */
export function ageOf(message: Pick<Message, 'properties'>, now: number): number | undefined {
  const stampedAt = publishedAt(message);
  return stampedAt === undefined ? undefined : Math.max(0, now - stampedAt);
}
