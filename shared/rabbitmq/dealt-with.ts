/**
 * What a sweep has dealt with on channels that are gone. An acknowledgement can be lost although its channel was closed in
 * order: of a quorum queue the broker holds back those beyond 32 that are under way, and drops them with the channel
 * (rabbitmq-server issue 10327; 466 of 500 on RabbitMQ 3.10). Such a message comes again, and is known here by what it
 * says. Never wrong about messages that differ in their id, body, or kept headers, the time of death among them.
 */
import { createHash } from 'node:crypto';
import { keptHeaders } from '../task/message-headers.ts';
import { headersOf } from './sweep-move.ts';
import type { SweptMessage } from './sweep-options.ts';

/** Channels of which it remembers: a broker that is out of order takes back late what several of them held. */
const CHANNELS = 20;

export class DealtWith {
  readonly #most: number;
  /** Hashes of those of the channel that is there now: the messages themselves may be large. */
  #here: string[] = [];
  /** Of those before, the latest last, with how often each was dealt with. */
  readonly #before = new Map<string, number>();

  /** `most`: messages of one channel whose acknowledgements can be under way, its prefetch. */
  constructor(most: number) {
    this.#most = most;
  }

  add(message: SweptMessage): void {
    this.#here.push(hashOf(message));
    if (this.#here.length >= 2 * this.#most) this.#here = this.#here.slice(-this.#most);
  }

  channelEnded(): void {
    for (const hash of this.#here.splice(0).slice(-this.#most)) {
      const times = this.#before.get(hash) ?? 0;
      this.#before.delete(hash);
      this.#before.set(hash, times + 1);
    }
    for (const hash of this.#before.keys()) {
      if (this.#before.size <= CHANNELS * this.#most) return;
      this.#before.delete(hash);
    }
  }

  /** True = it only needs to be acknowledged again. Each message that was added is recognized once. */
  recognizes(message: SweptMessage): boolean {
    if (this.#before.size === 0) return false;
    const hash = hashOf(message);
    const times = this.#before.get(hash) ?? 0;
    if (times > 1) this.#before.set(hash, times - 1);
    else this.#before.delete(hash);
    return times > 0;
  }
}

/** Of the headers in the order of their names: a quorum queue gives a message back with them in another one. */
function hashOf(message: SweptMessage): string {
  const { messageId } = message.properties as { readonly messageId?: unknown };
  const inOrder = Object.entries(headersOf(message)).sort(([a], [b]) => (a < b ? -1 : 1));
  const said = JSON.stringify([messageId, keptHeaders(Object.fromEntries(inOrder))]);
  return createHash('sha256').update(`${said}\n`).update(message.content).digest('base64');
}
