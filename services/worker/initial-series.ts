import type { Metrics } from '../../shared/observability/metrics.ts';
import { pipelines } from '../../shared/pipelines/registry.ts';
import { deadLetterQueue, laneQueue, providerPrefix } from '../../shared/rabbitmq/topology.ts';
import { OUTCOMES } from '../../shared/task/result.ts';
import type { Lane } from '../../shared/task/task.ts';

const ON_THE_WAY = ['forwarded', 'deferred', 'retried'] as const;
const PUBLICATIONS = ['confirmed', 'returned', 'nacked', 'timeout'] as const;
const REQUESTS = ['ok', 'rate_limited', 'quota_exhausted', 'unavailable', 'auth', 'contract'] as const;
const KINDS = ['hit', 'miss', 'ambiguous'] as const;

/**
 * Puts a 0 where a count can be expected: a series that begins with its first event hides this event from `increase()`,
 * and a ratio of two that are not there yet is no number.
 */
export function initialiseSeries(
  metrics: Metrics,
  served: { readonly lanes: readonly Lane[]; readonly providers: readonly string[] },
): void {
  const { of } = metrics;
  const { lanes, providers } = served;
  for (const { name } of pipelines)
    for (const lane of lanes)
      for (const outcome of [...OUTCOMES, ...ON_THE_WAY]) of.tasksProcessed(name, lane, outcome).inc(0);
  const prefixes = [...pipelines.map(({ prefix }) => prefix), ...providers.map(providerPrefix)];
  const workQueues = prefixes.flatMap((prefix) => lanes.map((lane) => laneQueue(prefix, lane)));
  for (const queue of workQueues) {
    of.redeliveries(queue).inc(0);
    of.consumerCancelled(queue).inc(0);
  }
  for (const queue of [...workQueues, ...pipelines.map(({ prefix }) => deadLetterQueue(prefix))])
    for (const outcome of PUBLICATIONS) of.tasksPublished(queue, outcome).inc(0);
  for (const provider of providers) {
    for (const outcome of REQUESTS) of.apiCalls(provider, outcome).inc(0);
    for (const kind of KINDS) of.lookUps(provider, kind).inc(0);
    of.cacheHits(provider).inc(0);
    of.cacheMisses(provider).inc(0);
    of.responseCacheHits(provider).inc(0);
    of.gateFallbacks(provider).inc(0);
    of.cost(provider).inc(0);
  }
  for (const { name } of pipelines) of.deadLetters(name, 'providers_failed').inc(0);
  for (const role of ['publish', 'consume'] as const) of.brokerReconnects(role).inc(0);
  for (const use of ['answer_cache', 'response_cache'] as const) of.redisErrors(use).inc(0);
}
