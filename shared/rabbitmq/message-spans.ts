/**
 * The spans of messages, after the semantic conventions for messaging: `send` when one is published for a reason of ours,
 * `process` from its arrival to its settlement. Whoever gets a message goes on under the span that sent it. One that comes
 * back after a step of the delay ladder goes on beside its last try and is linked with it: days of tries make a trace
 * wider, not deeper. A message that is only moved about, such as a dead letter, gets no spans and keeps its headers.
 */
import type { ConsumeMessage } from 'amqplib';
import { TRACE_LINK, traceContextOf, traceLinkOf } from '../observability/trace-context.ts';
import type { Span } from '../observability/span.ts';
import { tracer } from '../observability/tracing.ts';
import type { OutgoingMessage } from './outgoing-message.ts';
import type { Delivery } from './delivery.ts';

type Headers = Readonly<Record<string, unknown>>;

const headersOf = (message: Pick<ConsumeMessage, 'properties'>): Headers | undefined =>
  message.properties.headers;

/** Runs `publish` in the span of its message, if it is to have one, and puts the context of that into it. */
export function inSendSpan(
  message: OutgoingMessage,
  publish: (message: OutgoingMessage) => Promise<void>,
): Promise<void> {
  const active = tracer();
  if (active === undefined) return publish(message);
  const { cause, properties, exchange, routingKey, messageId, body } = message;
  const headers = properties?.headers as Headers | undefined;
  const given = traceContextOf(headers);
  const link = traceLinkOf(headers);
  const isReplay = given === undefined && link !== undefined;
  if (cause === undefined && !isReplay) return publish(message);
  const destination = destinationName(exchange, routingKey);
  const span = active.start(`send ${destination}`, {
    kind: 'producer',
    parent: typeof cause === 'object' ? cause : given,
    links: isReplay ? [link] : [],
    attributes: {
      ...SYSTEM,
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.destination.name': destination,
      'messaging.rabbitmq.destination.routing_key': routingKey,
      'messaging.message.id': messageId,
      'messaging.message.body.size': body.length,
    },
  });
  const sent = { ...message, properties: { ...properties, headers: { ...span.context, ...headers } } };
  return publish(given === undefined ? sent : message)
    .catch((error: unknown) => {
      span.fail(error as Error);
      throw error;
    })
    .finally(() => {
      span.end();
    });
}

/** The span of a delivery, ended by whoever settles it; undefined while tracing is off. */
export function processSpan(message: ConsumeMessage, queue: string): Span | undefined {
  const active = tracer();
  if (active === undefined) return undefined;
  const headers = headersOf(message);
  const { exchange, routingKey, redelivered, deliveryTag } = message.fields;
  const destination = destinationName(exchange, routingKey, queue);
  const { messageId } = message.properties as { messageId?: string };
  return active.start(`process ${destination}`, {
    kind: 'consumer',
    parent: traceContextOf(headers),
    links: [traceLinkOf(headers)],
    attributes: {
      ...SYSTEM,
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': destination,
      'messaging.rabbitmq.destination.routing_key': routingKey,
      'messaging.rabbitmq.message.delivery_tag': deliveryTag,
      'messaging.message.body.size': message.content.length,
      ...(messageId === undefined ? {} : { 'messaging.message.id': messageId }),
      ...(redelivered ? { 'enrichment.redelivered': true } : {}),
    },
  });
}

/**
 * What a message that moves keeps of its trace. Nothing when the span that sends it puts its own context in; when it comes
 * back later, the context that it came with, beside the span of this try; without tracing, whatever a publisher gave it.
 */
export function onwardTrace(
  { message, span }: Pick<Delivery, 'message' | 'span'>,
  isLater: boolean,
): Headers | undefined {
  const given = traceContextOf(headersOf(message));
  if (span === undefined) return given && { ...given };
  if (!isLater) return undefined;
  const own = span.context;
  return { ...(given ?? own), [TRACE_LINK]: own.traceparent };
}

const SYSTEM = { 'messaging.system': 'rabbitmq' } as const;

/** Exchange, routing key and queue, as the conventions want it: each once, and the nameless exchange not at all. */
const destinationName = (...names: readonly string[]): string =>
  [...new Set(names)].filter(Boolean).join(':');
