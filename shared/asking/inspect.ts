/**
 * A look-up that is made for somebody to look at: the same ladder, gate and matcher as a worker's, with everything that
 * came back. It takes a slot for every request, reads no cached answer, leaves none, and takes no lock.
 */
import type { Metrics } from '../observability/metrics.ts';
import type { Pipeline } from '../pipelines/pipeline.ts';
import { lookUp } from '../providers/look-up.ts';
import type { OpenProvider } from '../providers/open-provider.ts';
import type { ApiRequest, Call, Provider } from '../providers/provider.ts';
import type { SlotRequest } from '../redis/gate-slot.ts';
import type { ProviderGate } from '../redis/provider-gate.ts';
import type { ResponseCache } from '../redis/response-cache.ts';
import type { Answer, Judgement } from '../task/answer.ts';
import { HIGHEST_PRIORITY } from '../task/task.ts';
import type { InFlightLimit } from './in-flight-limit.ts';
import { type CallMetrics, providerCall } from './provider-call.ts';

export interface Inspector {
  readonly opened: Exclude<OpenProvider, { mode: 'off' }>;
  readonly gate: ProviderGate;
  readonly inFlight: InFlightLimit;
  readonly responses: Pick<ResponseCache, 'get' | 'set'>;
  readonly metrics: Pick<Metrics, keyof CallMetrics>;
  readonly signal: AbortSignal;
}

/** One judging: the candidates of a rung, or the details of the one that was accepted. */
export interface Judged {
  readonly rung: string;
  readonly judgement: Judgement;
}

export interface Inspection {
  readonly provider: string;
  readonly mode: 'live' | 'sandbox';
  /** In the order of the ladder. Empty for a supplement, which judges nothing. */
  readonly judged: readonly Judged[];
  /** Rungs that were asked, with how many candidates each gave. */
  readonly rungs: readonly { readonly name: string; readonly candidates: number }[];
  /** Normalised, without credentials; with the milliseconds from the slot's asking to the answer. */
  readonly requests: readonly { readonly key: string; readonly ms: number }[];
  readonly ms: number;
  readonly answer?: Answer;
  /** What ended it, where there is no answer. */
  readonly error?: Error;
}

/** For a look-up that nobody's earlier one may answer. */
export const NO_RESPONSES: Pick<ResponseCache, 'get' | 'set'> = {
  get: () => Promise.resolve(undefined),
  set: () => Promise.resolve(),
};

/** Never rejects: what goes wrong is part of what is looked at. */
export async function inspect(inspector: Inspector, pipeline: Pipeline, query: unknown): Promise<Inspection> {
  const { opened } = inspector;
  const judged: Judged[] = [];
  const rungs: { name: string; candidates: number }[] = [];
  const requests: { key: string; ms: number }[] = [];
  const startedAt = performance.now();
  let sent = 0;
  const call = timed(
    providerCall({ ...inspector, cutOff: inspector.signal }, slotOf(inspector), () => {
      sent++;
    }),
    requests,
  );
  const judge = (asked: unknown, candidates: Parameters<Pipeline['judge']>[1]): Judgement => {
    const judgement = pipeline.judge(asked, candidates);
    judged.push({ rung: rungs.at(-1)?.name ?? '', judgement });
    return judgement;
  };
  const ended = await lookUp(watched(opened.provider, rungs), {
    name: opened.name,
    query,
    ...(opened.definition.supplement === undefined && {
      matcher: { judge, version: pipeline.matcherVersion },
    }),
    call,
    requests: () => sent,
    now: Date.now,
    ttl: opened.limits.ttl,
  }).then(
    (answer) => ({ answer }),
    (error: unknown) => ({ error: error as Error }),
  );
  const ms = performance.now() - startedAt;
  return { provider: opened.name, mode: opened.mode, judged, rungs, requests, ms, ...ended };
}

/** Urgent: somebody waits. Without a token the script looks for no answer and takes no lock. */
const slotOf = ({ signal }: Inspector): SlotRequest => ({
  lane: 'priority',
  priority: HIGHEST_PRIORITY,
  digest: '',
  token: '',
  notBefore: 0,
  signal,
});

function timed(call: Call, requests: { key: string; ms: number }[]): Call {
  return async <T>(request: ApiRequest<T>): Promise<T> => {
    const startedAt = performance.now();
    try {
      return await call(request);
    } finally {
      requests.push({ key: request.key, ms: performance.now() - startedAt });
    }
  };
}

function watched(provider: Provider, rungs: { name: string; candidates: number }[]): Provider {
  return {
    ladder: (query, call) =>
      provider.ladder(query, call).map((rung) => ({
        name: rung.name,
        search: async () => {
          const seen = { name: rung.name, candidates: 0 };
          rungs.push(seen);
          const candidates = await rung.search();
          seen.candidates = candidates.length;
          return candidates;
        },
      })),
    ...(provider.details && { details: provider.details.bind(provider) }),
  };
}
