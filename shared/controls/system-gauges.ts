/**
 * What is the same whoever looks: what waits, its age, how the providers do, and how jobs and webhooks stand. One process of
 * the system exports it, under a lease or alone: sums over several would count everything several times.
 */
import type { Metrics } from '../observability/metrics.ts';
import { pipelines } from '../pipelines/registry.ts';
import type { Connection } from '../rabbitmq/connection.ts';
import { readyCounts } from '../rabbitmq/ready-counts.ts';
import { readBeats } from '../redis/heartbeats.ts';
import { LANES } from '../task/task.ts';
import { OldestTasks, oldestAge, type WaitingPlace, waitingPlaces, waitingTasks } from './backlog.ts';
import type { Controls } from './controls.ts';
import { forgetJobGauges, setJobGauges } from './job-gauges.ts';
import { listProviderReports } from './list-provider-reports.ts';
import { CONDITIONS, type ProviderFacts, type ProviderReport } from './provider-report.ts';

export interface SystemGaugesOptions extends Pick<Controls, 'pool' | 'redis'> {
  readonly connection: Connection;
  readonly metrics: Metrics;
  readonly configured: ReadonlyMap<string, ProviderFacts['configured']>;
}

export class SystemGauges {
  readonly #options: SystemGaugesOptions;
  readonly #places: readonly WaitingPlace[];
  readonly #oldest = new OldestTasks();

  constructor(options: SystemGaugesOptions) {
    this.#options = options;
    this.#places = waitingPlaces(pipelines, [...options.configured.keys()]);
  }

  /** One look at broker, Redis and database. Rejects when one of them is away: `forget` then says that nobody knows. */
  async look(): Promise<void> {
    const { connection, redis, metrics } = this.#options;
    const model = await connection.ready(AbortSignal.timeout(CONNECT_MS));
    const ready = await readyCounts(
      model,
      this.#places.flatMap(({ queues }) => queues),
    );
    const beats = await readBeats(redis);
    const waiting = waitingTasks(this.#places, ready, beats);
    for (const { pipeline, lane, stage, tasks } of waiting)
      metrics.of.waiting(pipeline, lane, stage).set(tasks);
    const now = Date.now();
    const since = this.#oldest.look(waiting, beats, now);
    for (const { name } of pipelines) {
      for (const lane of LANES) {
        const places = this.#places.filter((place) => place.pipeline === name && place.lane === lane);
        metrics.of.oldestAge(name, lane).set(oldestAge(places, since, now));
      }
    }
    for (const report of await listProviderReports(this.#options)) this.#setProvider(report);
    await setJobGauges(metrics, this.#options.pool);
    metrics.backlogSeenAt.set(now / 1_000);
  }

  /** Nothing is exported any more: another process does, or nobody knows. Alerts notice what is missing. */
  forget(): void {
    const { metrics } = this.#options;
    forgetJobGauges(metrics);
    for (const { pipeline, lane, stage } of this.#places) metrics.waiting.remove(pipeline, lane, stage);
    for (const { name } of pipelines) for (const lane of LANES) metrics.oldestAge.remove(name, lane);
    for (const provider of this.#options.configured.keys()) {
      const ofProvider = [
        metrics.rateLimit,
        metrics.rateRemaining,
        metrics.rateFactor,
        metrics.budgetRemaining,
      ];
      for (const gauge of [...ofProvider, metrics.eta]) gauge.remove(provider);
      for (const state of CONDITIONS) metrics.condition.remove(provider, state);
      for (const state of CIRCUIT_STATES) metrics.circuitState.remove(provider, state);
    }
  }

  #setProvider(report: ProviderReport): void {
    const { metrics } = this.#options;
    const { name, state, allowed, requests, factor, dailyBudget, requestsToday, etaSeconds } = report;
    for (const one of CONDITIONS)
      metrics.condition.set({ provider: name, state: one }, Number(one === state));
    const circuit = state === 'circuit_open' ? 'open' : 'closed';
    for (const one of CIRCUIT_STATES)
      metrics.circuitState.set({ provider: name, state: one }, Number(one === circuit));
    metrics.rateLimit.set({ provider: name }, allowed);
    metrics.rateRemaining.set({ provider: name }, Math.max(0, allowed - requests));
    metrics.rateFactor.set({ provider: name }, factor);
    if (dailyBudget > 0)
      metrics.budgetRemaining.set({ provider: name }, Math.max(0, dailyBudget - requestsToday));
    if (etaSeconds === undefined) metrics.eta.remove(name);
    else metrics.eta.set({ provider: name }, etaSeconds);
  }
}

const CONNECT_MS = 2_000;
const CIRCUIT_STATES = ['closed', 'open'] as const;
