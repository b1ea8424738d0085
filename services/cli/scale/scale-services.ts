import type { Lane } from '../../../shared/task/task.ts';
import { compose, countReplicas, scaleArguments } from './compose.ts';
import { type Bounds, decide, type Decision, decideNow, REMEMBERED_MS, type Sight } from './decide.ts';
import { lookAtLanes } from './look.ts';

/** Who is scaled by which lane. The first also serves the other lane: the second is what the backlog has to itself. */
const SERVICES: Readonly<Record<Lane, string>> = {
  priority: 'enrichment-worker',
  backlog: 'enrichment-backlog-worker',
};

export interface Scaled extends Decision {
  readonly service: string;
  readonly running: number;
}

export interface Scaling {
  readonly at: string;
  readonly services: readonly Scaled[];
  /** Empty = nothing to do. */
  readonly command: string;
  /** Whether the command was run. */
  readonly applied: boolean;
}

export interface ScaleOptions {
  readonly bounds: Readonly<Record<Lane, Bounds>>;
  readonly isDryRun: boolean;
  /** Whether more is known than this one look. */
  readonly isWatching: boolean;
}

/** Looks, decides and applies, again and again; remembers what it saw. */
export class ServiceScaler {
  readonly #options: ScaleOptions;
  #sights: readonly Sight[] = [];

  constructor(options: ScaleOptions) {
    this.#options = options;
  }

  /** Rejects with ServersUnavailable or ComposeError; then nothing was changed, or docker says what was. */
  async step(): Promise<Scaling> {
    const { isDryRun } = this.#options;
    const looked = await lookAtLanes();
    const now = Math.max(...looked.map(({ at }) => at));
    this.#sights = [...this.#sights, ...looked].filter(({ at }) => at >= now - REMEMBERED_MS);
    const services: Scaled[] = [];
    for (const sight of looked) services.push(await this.#decided(sight));
    const changed = services.filter(({ replicas, running }) => replicas !== running);
    const wanted = Object.fromEntries(changed.map(({ service, replicas }) => [service, replicas]));
    const args = changed.length === 0 ? [] : scaleArguments(wanted);
    const applied = args.length > 0 && !isDryRun;
    if (applied) await compose(args);
    const command = args.length === 0 ? '' : ['docker', 'compose', ...args].join(' ');
    return { at: new Date(now).toISOString(), services, command, applied };
  }

  async #decided(sight: Sight): Promise<Scaled> {
    const { bounds, isWatching } = this.#options;
    const { lane } = sight;
    const service = SERVICES[lane];
    const running = await countReplicas(service);
    const decision = isWatching
      ? decide(
          this.#sights.filter((one) => one.lane === lane),
          bounds[lane],
          running,
        )
      : decideNow(sight, bounds[lane], running);
    return { service, running, ...decision };
  }
}
