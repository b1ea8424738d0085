import type { Metrics } from '../observability/metrics.ts';
import type { Span } from '../observability/span.ts';
import { exchange, withRenewal } from '../providers/exchange.ts';
import type { OpenProvider } from '../providers/open-provider.ts';
import type { ApiRequest, Call } from '../providers/provider.ts';
import type { SlotRequest, Start } from '../redis/gate-slot.ts';
import type { ProviderGate } from '../redis/provider-gate.ts';
import type { ResponseCache } from '../redis/response-cache.ts';
import { ProviderError } from '../task/provider-error.ts';
import type { InFlightLimit } from './in-flight-limit.ts';
import type { RefusalWatch } from './refusal-watch.ts';
import { inRequestSpan, inSlotSpan } from './request-spans.ts';

export interface CallDeps {
  readonly opened: OpenProvider;
  readonly gate: ProviderGate;
  /** Learns from what answers take. */
  readonly inFlight: InFlightLimit;
  /** Absent = a refusal is taken as it is, which is what somebody wants who looks at one. */
  readonly refusals?: RefusalWatch;
  readonly responses: Pick<ResponseCache, 'get' | 'set'>;
  readonly metrics: CallMetrics;
  /** Cuts a request off that is under way. */
  readonly cutOff: AbortSignal;
  /** Of the look-up; undefined while tracing is off. */
  readonly span?: Span | undefined;
}

export type CallMetrics = Pick<
  Metrics,
  'apiCalls' | 'requestsLimit' | 'requestSeconds' | 'slotWaitSeconds' | 'responseCacheHits' | 'cost'
>;

/** Thrown instead of a request that nobody needs any more: the answer is in the cache, or another worker fetches it. */
export class LookUpElsewhere extends Error {
  override readonly name = 'LookUpElsewhere';
  readonly state: 'answer' | 'busy';
  constructor(state: 'answer' | 'busy') {
    super(state === 'answer' ? 'the answer is in the cache' : 'another worker looks it up');
    this.state = state;
  }
}

/** A 429 that names no time. */
const UNSTATED_PAUSE_MS = 1_000;
/** A refused key stays refused until somebody changes it. */
const AUTH_PAUSE_MS = 60_000;

/** The requests of one look-up: each goes through the response cache, then the gate, then over the wire. */
export function providerCall(deps: CallDeps, slot: SlotRequest, onRequest: () => void): Call {
  return async (request) => {
    const cached = await fromCache(deps, request, slot.notBefore);
    if (cached !== undefined) return cached.value;
    return withRenewal(request, async () => {
      const value = await send(deps, slot, request, onRequest);
      void deps.responses.set(deps.opened.name, request.key, value);
      return value;
    });
  };
}

async function fromCache<T>(
  deps: CallDeps,
  request: ApiRequest<T>,
  notBefore: number,
): Promise<{ value: T } | undefined> {
  const cached = await deps.responses.get(deps.opened.name, request.key);
  if (cached === undefined || cached.fetchedAt < notBefore) return undefined;
  const parsed = request.schema.safeParse(cached.value);
  if (!parsed.success) return undefined;
  deps.metrics.responseCacheHits.inc({ provider: deps.opened.name });
  return { value: parsed.data };
}

async function send<T>(
  deps: CallDeps,
  slot: SlotRequest,
  request: ApiRequest<T>,
  onRequest: () => void,
): Promise<T> {
  const { opened, gate, inFlight, metrics, cutOff, span: parent } = deps;
  const provider = opened.name;
  const stopWaiting = metrics.slotWaitSeconds.startTimer({ provider });
  const start = await inSlotSpan({ provider, parent }, () => takeSlot(deps, slot, request));
  stopWaiting();
  onRequest();
  metrics.cost.inc({ provider }, opened.limits.costPerRequestUsd);
  const stopRequest = metrics.requestSeconds.startTimer({ provider });
  const began = performance.now();
  try {
    const { timeoutMs } = opened.limits;
    const onSent = start.sent.bind(start);
    const value = await inRequestSpan<T>({ provider, url: request.url, parent }, (onStatus) =>
      exchange(request, { provider, timeoutMs, signal: cutOff, onSent, ...(onStatus && { onStatus }) }),
    );
    metrics.apiCalls.inc({ provider, outcome: 'ok' });
    const tookMs = performance.now() - began;
    gate.report('ok', tookMs);
    deps.refusals?.answered();
    inFlight.observe(tookMs, gate.spacingMs);
    metrics.requestsLimit.set({ provider }, inFlight.current);
    return value;
  } catch (error) {
    throw await noteFault(deps, error, performance.now() - began);
  } finally {
    stopRequest();
    start.finished();
  }
}

/**
 * Resolves in time to send. A slot that passed while a token was fetched, or while this process was held up, is given
 * back for another one: all who waited would start at the same moment.
 */
async function takeSlot<T>(deps: CallDeps, slot: SlotRequest, request: ApiRequest<T>): Promise<Start> {
  const { gate, cutOff } = deps;
  for (;;) {
    const given = await gate.slot(slot);
    if (given === 'answer' || given === 'busy') throw new LookUpElsewhere(given);
    const began = performance.now();
    try {
      await request.authorize?.(new URL(request.url), cutOff);
    } catch (error) {
      given.giveBack();
      throw await noteFault(deps, error, performance.now() - began);
    }
    if (given.isTimely) return given;
    given.giveBack();
  }
}

/** Counts what went wrong as what it was, and gives back what it means. */
async function noteFault(deps: CallDeps, error: unknown, tookMs: number): Promise<Error> {
  const { opened, gate, metrics, refusals } = deps;
  const isFault = error instanceof ProviderError;
  metrics.apiCalls.inc({ provider: opened.name, outcome: isFault ? error.kind : 'aborted' });
  if (!isFault) return error as Error;
  const meant = refusals?.judge(error) ?? error;
  await tellGate(gate, meant, tookMs);
  return meant;
}

/** What one worker learns about a provider, all know before it sends its next request. */
async function tellGate(gate: ProviderGate, error: ProviderError, tookMs: number): Promise<void> {
  switch (error.kind) {
    case 'rate_limited':
    case 'quota_exhausted':
      await gate.pause(error.retryAfterMs ?? UNSTATED_PAUSE_MS, error.kind, true);
      return;
    case 'auth':
      await gate.pause(AUTH_PAUSE_MS, 'credentials refused', false);
      return;
    case 'unavailable':
      gate.report('fault', tookMs);
      return;
    case 'bad_request':
    case 'forbidden':
    case 'contract':
      gate.report('ok', tookMs);
  }
}
