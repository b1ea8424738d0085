import type { Pool } from '../../shared/postgres/pool.ts';
import type { Connection } from '../../shared/rabbitmq/connection.ts';
import { figuresSince, readFigures, type Figures, type Observed } from './figures.ts';
import type { Publication } from './publish-source.ts';
import { countByStatus } from './results.ts';
import type { Outcomes, RunState } from './run-state.ts';
import { deadByPipeline, stagesOf, waitingByStage, type Stage } from './stages.ts';

export interface ObserverDeps {
  readonly connection: Connection;
  readonly pool: Pool;
  readonly observed: Observed;
  readonly publications: readonly Publication[];
  readonly owner: string;
}

interface Baseline {
  readonly at: number;
  readonly figures: Figures;
  readonly dead: ReadonlyMap<string, number>;
}

/**
 * Looks at a run from outside: broker, database, workers, sandbox. Everything is counted from `open` on, because a kept
 * system has counted before; rows are those of the run's owner.
 */
export class Observer {
  readonly #deps: ObserverDeps;
  readonly #stages: readonly Stage[];
  readonly #baseline: Baseline;

  private constructor(deps: ObserverDeps, baseline: Baseline) {
    this.#deps = deps;
    this.#stages = stagesOf(deps.observed.providers);
    this.#baseline = baseline;
  }

  static async open(deps: ObserverDeps): Promise<Observer> {
    const [figures, dead] = await Promise.all([readFigures(deps.observed), deadByPipeline(deps.connection)]);
    return new Observer(deps, { at: performance.now(), figures, dead });
  }

  async look(): Promise<RunState> {
    const { connection, publications, observed } = this.#deps;
    // In this order: whatever led to a row has been counted when the row is there.
    const outcomes = await this.#outcomes();
    const figures = await readFigures(observed);
    const waiting = await waitingByStage(connection, this.#stages, figures.inFlight);
    return {
      seconds: (performance.now() - this.#baseline.at) / 1_000,
      publications,
      outcomes,
      waiting,
      providers: figuresSince(figures, this.#baseline.figures),
    };
  }

  async #outcomes(): Promise<ReadonlyMap<string, Outcomes>> {
    const { connection, pool, publications, owner } = this.#deps;
    const dead = await deadByPipeline(connection);
    const counts = publications.map(async ({ source }) => {
      const { name } = source.pipeline;
      const settled = await countByStatus(pool, source, owner);
      return [
        name,
        { ...settled, dead: (dead.get(name) ?? 0) - (this.#baseline.dead.get(name) ?? 0) },
      ] as const;
    });
    return new Map(await Promise.all(counts));
  }
}
