import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { InFlightLimit } from '../../shared/asking/in-flight-limit.ts';
import { LookUpElsewhere, providerCall } from '../../shared/asking/provider-call.ts';
import type { RefusalWatch } from '../../shared/asking/refusal-watch.ts';
import type { Log } from '../../shared/observability/log.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { reached } from '../../shared/observability/milestones.ts';
import type { Span } from '../../shared/observability/span.ts';
import { inSpan } from '../../shared/observability/tracing.ts';
import { lookUp } from '../../shared/providers/look-up.ts';
import type { OpenProvider } from '../../shared/providers/open-provider.ts';
import type { Call } from '../../shared/providers/provider.ts';
import type { AnswerCache } from '../../shared/redis/answer-cache.ts';
import type { SlotRequest } from '../../shared/redis/gate-slot.ts';
import type { LookUpLocks } from '../../shared/redis/look-up-locks.ts';
import type { ProviderGate } from '../../shared/redis/provider-gate.ts';
import type { ResponseCache } from '../../shared/redis/response-cache.ts';
import type { Answer } from '../../shared/task/answer.ts';
import { countsFor, freshFrom } from '../../shared/task/plan.ts';
import { type Question, questionOf } from './question.ts';
import { type IsStopped, JobStopped } from './stopped-jobs.ts';
import type { Work } from './work.ts';

export interface LookUpDeskDeps {
  readonly opened: Exclude<OpenProvider, { mode: 'off' }>;
  readonly gate: ProviderGate;
  readonly inFlight: InFlightLimit;
  readonly refusals: RefusalWatch;
  readonly responses: ResponseCache;
  readonly answers: AnswerCache;
  readonly locks: LookUpLocks;
  /** Answers are kept for so long after their time, as far as the provider's terms allow. */
  readonly staleSeconds: number;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Ends the waiting for slots and for others. */
  readonly stopping: AbortSignal;
  readonly isStopped: IsStopped;
  /** Ends requests that are under way. */
  readonly cutOff: AbortSignal;
}

/** A task whose own look-up it is. */
interface Asking extends Work {
  readonly span: Span | undefined;
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

  /** How many requests of this process may be under way now. */
  get inFlightLimit(): number {
    return this.#deps.inFlight.current;
  }

  get gate(): ProviderGate {
    return this.#deps.gate;
  }

  /**
   * The provider's answer for this task. Rejects with ProviderError, GateClosed, LookUpUnderWay, or the reason of the
   * stop.
   */
  answerFor(work: Work): Promise<Answer> {
    const { name } = this.#deps.opened;
    return inSpan(
      `look up ${name}`,
      () => ({
        kind: 'internal',
        parent: work.delivery.span,
        attributes: { 'enrichment.provider': name },
      }),
      async (span) => {
        const answer = await this.#answerIn(work, span);
        span?.note({ 'enrichment.answer': answer.kind });
        return answer;
      },
    );
  }

  async #answerIn(work: Work, span: Span | undefined): Promise<Answer> {
    const question = questionOf(work, this.#deps.opened.definition.supplement);
    const key = `${question.digest} ${freshFrom(work.task)}`;
    const sameHere = this.#underWay.get(key);
    if (sameHere !== undefined) return this.#waitFor(sameHere);
    const answer = this.#ask({ ...work, span }, question).finally(() => this.#underWay.delete(key));
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

  /** Its own look-up, or another worker's: if that one leaves without an answer, this one asks after all. */
  async #ask(work: Asking, question: Question): Promise<Answer> {
    this.#deps.metrics.of.cacheMisses(this.#deps.opened.name).inc();
    const until = performance.now() + PARKED_MS;
    do {
      try {
        return await this.#askNow(work, question, until);
      } catch (error) {
        if (!(error instanceof LookUpElsewhere)) throw error;
      }
      const answer = await this.#fromOthers(work, question.digest, until);
      if (answer !== undefined) return answer;
    } while (performance.now() < until);
    throw new LookUpUnderWay('another worker looks it up');
  }

  /**
   * A look-up that the response cache answered alone took no lock, so whoever made those requests may be about to answer
   * the same question: his answer counts, and this one was none.
   */
  async #askNow(work: Asking, question: Question, until: number): Promise<Answer> {
    const { digest } = question;
    const { opened, gate, locks, metrics, stopping } = this.#deps;
    const token = randomUUID();
    const slot: SlotRequest = {
      lane: work.lane,
      priority: work.task.priority,
      digest,
      token,
      notBefore: freshFrom(work.task),
      signal: stopping,
    };
    locks.keep(digest, token);
    try {
      const answer = await this.#lookUp(work, question, slot);
      const theirs = answer.requests > 0 ? undefined : await this.#fromOthers(work, digest, until);
      if (theirs !== undefined) return theirs;
      reached('answered');
      metrics.of.lookUps(opened.name, answer.kind).inc();
      await this.#deps.answers.set({ provider: opened.name, digest }, answer, this.#keptUntil(answer));
      reached('cached');
      return answer;
    } finally {
      locks.drop(token);
      // After the answer is cached: who comes next finds either the lock or the answer.
      void gate.release(digest, token);
    }
  }

  #keptUntil({ fetchedAt, expiresAt }: Answer): number {
    const { opened, staleSeconds } = this.#deps;
    const licensed = fetchedAt + opened.limits.ttl.maxSeconds * 1_000;
    return Math.max(expiresAt, Math.min(expiresAt + staleSeconds * 1_000, licensed));
  }

  #lookUp({ pipeline, task, span }: Asking, { query }: Question, slot: SlotRequest): Promise<Answer> {
    const { opened } = this.#deps;
    let requests = 0;
    const send = providerCall({ ...this.#deps, span }, slot, () => {
      requests++;
    });
    const call: Call = async (request) => {
      if (this.#deps.isStopped(task)) throw new JobStopped(`job ${task.jobId ?? ''} was stopped`);
      return send(request);
    };
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

  /** Another worker asks, or has just asked: its answer will be in the cache. Undefined = it has none, or takes longer. */
  async #fromOthers(work: Work, digest: string, until: number): Promise<Answer | undefined> {
    const { answers, locks, opened, stopping } = this.#deps;
    for (;;) {
      // In this order: the holder caches the answer before it gives the lock back.
      const isHeld = await locks.isHeld(digest);
      const answer = await answers.get({ provider: opened.name, digest });
      if (answer !== undefined && countsFor(work.task, answer, Date.now())) return answer;
      if (!isHeld || performance.now() >= until) return undefined;
      await delay(POLL_MS, undefined, { signal: stopping });
    }
  }
}
