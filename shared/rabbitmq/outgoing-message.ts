import type { Options } from 'amqplib';
import type { Span } from '../observability/span.ts';

/** What is published, always persistent and mandatory. */
export interface OutgoingMessage {
  readonly exchange: string;
  readonly routingKey: string;
  readonly body: Buffer;
  readonly messageId: string;
  readonly properties?: Omit<Options.Publish, 'persistent' | 'mandatory' | 'messageId'>;
  /** Why it is published, for its trace: in the course of this span, or as a new task. Absent = it is only moved. */
  readonly cause?: Span | 'new task' | undefined;
}
