/**
 * The only way in which a message moves from one queue to another: published and confirmed there, then acknowledged
 * here. A crash between the two leaves it in both places, never in neither.
 */
import type { Options } from 'amqplib';
import { reached } from '../observability/milestones.ts';
import { TRACE_LINK } from '../observability/trace-context.ts';
import { MAX_PRIORITY, EXCHANGE, RETRY_EXCHANGE, retryKey } from './topology.ts';
import type { RetryStep } from '../task/retry-policy.ts';
import type { Lane } from '../task/task.ts';
import type { ConfirmPublisher } from './confirm-publisher.ts';
import type { Delivery } from './delivery.ts';
import { onwardTrace } from './message-spans.ts';

export interface Destination {
  readonly queue: string;
  /** Clamps the priority to what the lane's queues know; absent for queues without priorities. */
  readonly lane?: Lane;
  /** Waits on this step of the delay ladder first. */
  readonly after?: RetryStep;
}

export interface Relocation {
  readonly body: Buffer;
  readonly messageId: string;
  readonly priority: number;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/**
 * Resolves when the message is at its destination and acknowledged where it was. Rejects with PublishError or the
 * signal's reason; the delivery is then unsettled and the caller hands it back. One that the broker has taken back is
 * left to whoever gets it next: moving it too would make two of it.
 */
export async function relocate(
  publisher: Pick<ConfirmPublisher, 'publish'>,
  delivery: Pick<Delivery, 'message' | 'isStale' | 'ack' | 'span'>,
  destination: Destination & Relocation,
  signal?: AbortSignal,
): Promise<void> {
  if (delivery.isStale) return;
  const { queue, lane, after, body, messageId } = destination;
  const headers = headersFor(delivery, destination);
  const priority =
    lane === undefined ? destination.priority : Math.min(destination.priority, MAX_PRIORITY[lane]);
  await publisher.publish(
    {
      exchange: after === undefined ? EXCHANGE : RETRY_EXCHANGE,
      routingKey: after === undefined ? queue : retryKey(after, queue),
      body,
      messageId,
      properties: { ...carriedProperties(delivery), priority, ...(headers === undefined ? {} : { headers }) },
      cause: delivery.span,
    },
    signal,
  );
  reached('confirmed');
  delivery.ack();
}

/** Who names an earlier life has it begin another trace. */
function headersFor(
  delivery: Pick<Delivery, 'message' | 'span'>,
  { after, headers }: Destination & Relocation,
): Relocation['headers'] {
  if (headers !== undefined && TRACE_LINK in headers) return headers;
  const trace = onwardTrace(delivery, after !== undefined);
  return trace === undefined ? headers : { ...trace, ...headers };
}

/** What a message keeps on its way. `x-death` and `expiration` stay behind: brokers treat them in different ways. */
function carriedProperties(delivery: Pick<Delivery, 'message'>): Options.Publish {
  const { contentType, correlationId, timestamp, appId } = delivery.message.properties as Options.Publish;
  return {
    contentType: contentType ?? 'application/json',
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(appId === undefined ? {} : { appId }),
  };
}
