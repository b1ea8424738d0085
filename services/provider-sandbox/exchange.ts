/**
 * One request from arrival to last byte: count it, judge it by the limit of its service, let the faults have it, wait as
 * long as the service would, answer. Arrival is what is judged: a client cannot hide a burst behind slow answers.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { deliver, deliverBroken } from './delivery.ts';
import { DELIVERIES, DISTORTIONS } from './faults.ts';
import type { DeliveryFault, Distortion, Fault, Faults } from './faults.ts';
import type { Latency } from './latency.ts';
import type { SlidingLimit } from './limits.ts';
import type { LoggedRequest, RequestLog } from './request-log.ts';
import type { Protocol, Refusal, Reply, SandboxRequest } from './protocol.ts';
import type { SpotifyProtocol } from './spotify/protocol.ts';
import type { Statistics } from './statistics.ts';

/** One service with everything that is kept about it. */
export interface Service {
  readonly protocol: Protocol;
  readonly limit: SlidingLimit;
  statistics: Statistics;
}

export interface ExchangeTools {
  readonly faults: Faults;
  readonly latency: Latency;
  readonly log: RequestLog;
}

interface Answer {
  readonly reply: Reply;
  readonly fault: Fault | undefined;
  readonly delayMs: number;
}

/** Answers an API request. Resolves when nothing more will be sent; never rejects. */
export async function exchange(
  service: Service,
  tools: ExchangeTools,
  request: SandboxRequest,
  http: { message: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const { protocol, limit, statistics } = service;
  const now = performance.now();
  const verdict = limit.arrive(now);
  http.response.once('close', () => {
    limit.finish();
  });
  statistics.arrived(now, limit.allowed.windowMs, limit.inFlight);
  const entry = tools.log.add(entryOf(protocol, request, http.message));
  if (!verdict.admitted) {
    statistics.violated();
    const refused = withRetryAfter(
      protocol.refuse({ kind: 'rate' }),
      protocol.announcesRetryAfter ? Math.ceil(verdict.waitMs / 1_000) : undefined,
    );
    return finish(service, entry, http.response, { reply: refused, fault: undefined, delayMs: 0 });
  }
  return respond(service, tools, { entry, reply: protocol.answer(request), response: http.response });
}

/** Answers for a host that a service redirects to: it is still the same request, and no limit counts it again. */
export async function exchangeBehind(
  service: Service,
  tools: ExchangeTools,
  request: SandboxRequest,
  http: { message: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const { protocol } = service;
  const entry = tools.log.add(entryOf(protocol, request, http.message));
  const reply = protocol.answerBehind?.(request) ?? { status: 404, body: '' };
  return respond(service, tools, { entry, reply, response: http.response });
}

/** Sends what the service would answer, or what the faults make of it, when the service would. */
async function respond(
  service: Service,
  tools: ExchangeTools,
  { entry, reply: good, response }: { entry: LoggedRequest; reply: Reply; response: ServerResponse },
): Promise<void> {
  const { protocol, statistics } = service;
  // Faults and time are met once a request: where its redirects lead.
  if (good.status >= 300 && good.status < 400) {
    return finish(service, entry, response, { reply: good, fault: undefined, delayMs: 0 });
  }
  const faults = tools.faults.draw(protocol.provider, entry.url, false);
  for (const { kind } of faults) statistics.faulted(kind);
  const fault = faults.find(({ kind }) => kind !== 'latency');
  const reply = fault === undefined ? good : faultyReply(protocol, good, fault);
  const added = faults.reduce((sum, one) => sum + (one.kind === 'latency' ? one.ms : 0), 0);
  const delayMs = tools.latency.drawMs(protocol.provider) + added;
  return finish(service, entry, response, { reply, fault, delayMs });
}

/** Answers a token request: neither limited nor counted among the requests, but logged. */
export async function exchangeToken(
  service: Service & { protocol: SpotifyProtocol },
  tools: ExchangeTools,
  request: SandboxRequest,
  http: { message: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const { protocol, statistics } = service;
  statistics.tokenAsked();
  const entry = tools.log.add(entryOf(protocol, request, http.message));
  const faults = tools.faults.draw(protocol.provider, entry.url, true);
  for (const { kind } of faults) statistics.faulted(kind);
  const fault = faults.find(({ kind }) => kind !== 'latency');
  const reply = tokenReply(protocol, request, fault);
  const added = faults.reduce((sum, one) => sum + (one.kind === 'latency' ? one.ms : 0), 0);
  const delayMs = tools.latency.drawMs(protocol.provider) + added;
  await send(http.response, entry, { reply, fault, delayMs });
}

const entryOf = (protocol: Protocol, request: SandboxRequest, message: IncomingMessage): LoggedRequest => ({
  // Finer than the clock of the wall: spacings of ten milliseconds are judged by it.
  at: performance.timeOrigin + performance.now(),
  provider: protocol.provider,
  method: request.method,
  url: message.url ?? '',
  status: 'none',
});

function withRetryAfter(reply: Reply, value: number | string | undefined): Reply {
  if (value === undefined) return reply;
  return { ...reply, headers: { ...reply.headers, 'retry-after': String(value) } };
}

const REFUSED: Readonly<Partial<Record<Fault['kind'], Refusal['kind']>>> = {
  rate_limited: 'rate',
  quota_exceeded: 'quota',
  shed: 'shed',
  unauthorized: 'auth',
  status: 'status',
};

function faultyReply(protocol: Protocol, reply: Reply, fault: Fault): Reply {
  const refused = REFUSED[fault.kind];
  if (refused !== undefined) {
    const status = refused === 'status' ? { status: fault.status } : {};
    return withRetryAfter(protocol.refuse({ kind: refused, ...status }), fault.retry_after);
  }
  if (reply.status !== 200 || !isDistortion(fault.kind)) return reply;
  const body = protocol.distort(fault.kind, structuredClone(reply.body));
  // A stored id that is gone has no good body to change.
  return body === undefined ? protocol.refuse({ kind: 'status', status: 404 }) : { ...reply, body };
}

function tokenReply(protocol: SpotifyProtocol, request: SandboxRequest, fault: Fault | undefined): Reply {
  if (fault?.kind === 'token_expiry') return protocol.token(request, fault.seconds);
  if (fault?.kind === 'status') return { status: fault.status, body: '' };
  if (fault?.kind === 'token_unavailable') {
    return { status: 503, headers: { 'content-type': 'text/plain' }, body: 'upstream connect error' };
  }
  if (fault?.kind === 'invalid_client') {
    return {
      status: 400,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: { error: 'invalid_client', error_description: 'Invalid client secret' },
    };
  }
  return protocol.token(request);
}

async function finish(
  service: Service,
  entry: LoggedRequest,
  response: ServerResponse,
  answer: Answer,
): Promise<void> {
  const status = await send(response, entry, answer);
  const wait = Number(answer.reply.headers?.['retry-after']);
  service.statistics.answered(status, Number.isFinite(wait) ? wait : undefined, performance.now());
}

async function send(
  response: ServerResponse,
  entry: LoggedRequest,
  answer: Answer,
): Promise<number | 'none'> {
  const { reply, fault, delayMs } = answer;
  if (delayMs >= 1) await delay(delayMs);
  if (fault !== undefined) entry.fault = fault.kind;
  if (response.destroyed) return 'none';
  if (fault !== undefined && isDelivery(fault)) await deliverBroken(response, reply, fault);
  else deliver(response, reply);
  const status = response.headersSent ? response.statusCode : 'none';
  entry.status = status;
  entry.answered_at = performance.timeOrigin + performance.now();
  return status;
}

const isDistortion = (kind: Fault['kind']): kind is Distortion => DISTORTIONS.some((one) => one === kind);

const isDelivery = (fault: Fault): fault is Fault & { kind: DeliveryFault } =>
  DELIVERIES.some((one) => one === fault.kind);
