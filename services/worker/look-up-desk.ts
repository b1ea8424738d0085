import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { LookUpElsewhere, providerCall } from '../../shared/asking/provider-call.ts';
import type { Log } from '../../shared/observability/log.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { lookUp } from '../../shared/providers/look-up.ts';
import type { OpenProvider } from '../../shared/providers/open-provider.ts';
import type { AnswerAddress, AnswerCache } from '../../shared/redis/answer-cache.ts';
import type { SlotRequest } from '../../shared/redis/gate-slot.ts';
import type { ProviderGate } from '../../shared/redis/provider-gate.ts';
import type { ResponseCache } from '../../shared/redis/response-cache.ts';
import type { Answer } from '../../shared/task/answer.ts';
import { countsFor } from '../../shared/task/plan.ts';
import { type Question, questionOf } from './question.ts';
import type { Work } from './work.ts';

export interface LookUpDeskDeps {
  readonly opened: Exclude<OpenProvider, { mode: 'off' }>;
  readonly gate: ProviderGate;
  readonly responses: ResponseCache;
  readonly answers: AnswerCache;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Ends the waiting for slots and for others. */
  readonly stopping: AbortSignal;
  /** Ends requests that are under way. */
  readonly cutOff: AbortSignal;
}

/** Thrown when somebody else has been looking the same up for longer than a delivery is held for it: try later. */
export class LookUpUnderWay extends Error {
  override readonly name = 'LookUpUnderWay';
}

/** A waiting task holds a delivery, so it waits this long and no longer. */
const PARKED_MS = 1_000;
const POLL_MS = 30;

/** Where one provider is asked: one look-up for each distinct question, in this process and in the whole cluster. */
export class LookUpDesk {
  readonly #deps: LookUpDeskDeps;
  readonly #underWay = new Map<string, Promise<Answer>>();

  constructor(deps: LookUpDeskDeps) {
    this.#deps = deps;
  }

  get provider(): OpenProvider {
    return this.#deps.opened;
  }

  get gate(): ProviderGate {
    return this.#deps.gate;
  }

  /**
   * The provider's answer for this task. Rejects with ProviderError, GateClosed, LookUpUnderWay, or the reason of the
   * stop.
   */
  async answerFor(work: Work): Promise<Answer> {
    const question = questionOf(work, this.#deps.opened.definition.supplement);
    const key = `${question.digest} ${work.task.notBefore ?? 0}`;
    const sameHere = this.#underWay.get(key);
    if (sameHere !== undefined) return this.#waitFor(sameHere);
    const answer = this.#ask(work, question).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, answer);
    return answer;
  }

  /** Somebody in this process asks the same. His failure is his own: whoever waited tries by himself later. */
  async #waitFor(answer: Promise<Answer>): Promise<Answer> {
    const tooLong = delay(PARKED_MS, undefined, { signal: this.#deps.stopping, ref: false });
    const found = await Promise.race([answer.catch(() => undefined), tooLong]);
    if (found === undefined) throw new LookUpUnderWay('the same look-up is under way in this worker');
    return found;
  }

  async #ask(work: Work, question: Question): Promise<Answer> {
    const { digest } = question;
    const { opened, gate, metrics, stopping } = this.#deps;
    const token = randomUUID();
    const slot: SlotRequest = {
      lane: work.lane,
      priority: work.task.priority,
      digest,
      token,
      notBefore: work.task.notBefore ?? 0,
      signal: stopping,
    };
    metrics.cacheMisses.inc({ provider: opened.name });
    try {
      const answer = await this.#lookUp(work, question, slot);
      metrics.lookUps.inc({ provider: opened.name, kind: answer.kind });
      await this.#deps.answers.set({ provider: opened.name, digest }, answer);
      return answer;
    } catch (error) {
      if (!(error instanceof LookUpElsewhere)) throw error;
      return await this.#fromCache(work, { provider: opened.name, digest });
    } finally {
      // After the answer is cached: who comes next finds either the lock or the answer.
      void gate.release(digest, token);
    }
  }

  #lookUp({ pipeline }: Work, { query }: Question, slot: SlotRequest): Promise<Answer> {
    const { opened } = this.#deps;
    let requests = 0;
    const call = providerCall(this.#deps, slot, () => {
      requests++;
    });
    return lookUp(opened.provider, {
      name: opened.name,
      query,
      ...(opened.definition.supplement === undefined && {
        matcher: {
          judge: (asked, candidates) => pipeline.judge(asked, candidates),
          version: pipeline.matcherVersion,
        },
      }),
      call,
      requests: () => requests,
      now: Date.now,
      ttl: opened.limits.ttl,
    });
  }

  /** Another worker asks, or has just asked: its answer will be in the cache. */
  async #fromCache(work: Work, address: AnswerAddress): Promise<Answer> {
    const { answers, stopping } = this.#deps;
    for (const until = performance.now() + PARKED_MS; performance.now() < until;) {
      const answer = await answers.get(address);
      if (answer !== undefined && countsFor(work.task, answer, Date.now())) return answer;
      await delay(POLL_MS, undefined, { signal: stopping });
    }
    throw new LookUpUnderWay('another worker looks it up');
  }
}
