/** What a sweep is told, and what it tells. */
import type { ConfirmPublisher } from './confirm-publisher.ts';
import type { Delivery } from './delivery.ts';
import type { QueueConsumer } from './queue-consumer.ts';
import type { Destination, Relocation } from './relocate.ts';

export type Move =
  | { readonly to: 'tail' }
  | { readonly to: 'queue'; readonly destination: Destination & Relocation }
  /** What it held is safe elsewhere already. */
  | { readonly to: 'nowhere' };

export type SweptDelivery = Pick<Delivery, 'message' | 'isStale' | 'ack' | 'span'>;

export type SweptMessage = SweptDelivery['message'];

export interface SweepOptions {
  readonly queue: string;
  /** Marks what it put to the tail. Going on with a sweep is going on under its name. */
  readonly name: string;
  /** How many messages to deal with: those in the queue when the sweep begins. */
  readonly bound: number;
  readonly openConsumer: (
    onDelivery: (delivery: SweptDelivery) => void,
  ) => Pick<QueueConsumer, 'start' | 'abandon'>;
  readonly publisher: Pick<ConfirmPublisher, 'publish'>;
  /** Messages that nobody holds. Asked when nothing comes for a second, and before a look at what has come back. */
  readonly ready: () => Promise<number>;
  /**
   * Says what becomes of the first messages of these, at least of one; the others are asked about again once those are
   * settled. None = enough: the sweep ends here, as complete as if it had seen all. Called for one batch at a time, in
   * the order of the queue.
   */
  readonly decide: (messages: readonly SweptMessage[]) => Promise<readonly Move[]>;
  /** The id under which a message goes to the tail. */
  readonly idOf: (message: SweptMessage) => string;
  /** A message is dealt with. */
  readonly onSettled?: (move: Move) => void;
  /** The broker took a message back before it was settled: it comes again and is decided about again. */
  readonly onLost?: (move: Move) => void;
  /** Aborted = stop here: what is under way is settled, the rest stays. */
  readonly signal: AbortSignal;
  /** Milliseconds within which the broker takes back what a dead channel held and delivers what it has; default a second. */
  readonly takeBackMs?: number;
}

export interface SweepEnd {
  /** Messages dealt with. */
  readonly seen: number;
  readonly isComplete: boolean;
}
