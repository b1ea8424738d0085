/** What a sweep does with one message that is decided about. */
import { LETTER_PRIORITY, priorityOf } from '../task/dead-letter.ts';
import { keptHeaders } from '../task/message-headers.ts';
import { relocate } from './relocate.ts';
import type { Move, SweepOptions, SweptDelivery, SweptMessage } from './sweep-options.ts';

/** Header of a message that a sweep has put to the tail. */
const SWEPT_BY = 'x-swept-by';

type Headers = Readonly<Record<string, unknown>>;

export const headersOf = ({ properties }: SweptMessage): Headers =>
  (properties as { readonly headers?: Headers }).headers ?? {};

export const isSweptBy = (name: string, message: SweptMessage): boolean =>
  headersOf(message)[SWEPT_BY] === name;

/** Resolves when the message is acknowledged; rejects as `relocate`. One that the broker has taken back is left alone. */
export async function carryOut(
  { publisher, queue, name, idOf }: Pick<SweepOptions, 'publisher' | 'queue' | 'name' | 'idOf'>,
  delivery: SweptDelivery,
  move: Move,
): Promise<void> {
  if (move.to === 'queue') return relocate(publisher, delivery, move.destination);
  if (move.to === 'tail') return relocate(publisher, delivery, backOf());
  delivery.ack();

  function backOf() {
    const { message } = delivery;
    return {
      queue,
      body: message.content,
      messageId: idOf(message),
      // Never above those that it has to stand behind.
      priority: LETTER_PRIORITY,
      headers: {
        ...keptHeaders(headersOf(message)),
        'x-task-priority': priorityOf(message),
        [SWEPT_BY]: name,
      },
    };
  }
}
