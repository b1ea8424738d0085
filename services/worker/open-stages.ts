import type { Pipeline } from '../../shared/pipelines/pipeline.ts';
import { pipelineNamed, pipelines } from '../../shared/pipelines/registry.ts';
import { laneQueue, providerPrefix } from '../../shared/rabbitmq/topology.ts';
import type { Rate } from '../../shared/runtime/environment.ts';
import type { Lane } from '../../shared/task/task.ts';
import { type Config, maxWaitMs } from './config.ts';
import type { LookUpDesk } from './look-up-desk.ts';
import { Stage, type StageDeps } from './stage.ts';

/**
 * A delivery stays unacknowledged while its row is written, for a second at most: room for what ends meanwhile at the
 * provider's rate, beside the requests in flight. More would be held by many workers for longer than a broker waits for
 * an acknowledgement (half an hour) where a provider answers one request a second.
 */
const heldByWriter = ({ count, windowMs }: Rate): number =>
  Math.min(MOST_HELD_BY_WRITER, Math.ceil((count * 1_000) / windowMs));
const MOST_HELD_BY_WRITER = 50;

/**
 * For each lane: the entry stages of the pipelines, and the stages of all providers that can be asked. A pipeline whose
 * providers all lack credentials is left alone: its tasks wait in the broker, instead of ending as "not found".
 */
export function openStages(config: Config, desks: ReadonlyMap<string, LookUpDesk>, deps: StageDeps): Stage[] {
  const served = pipelines.filter(({ name, chain }) => {
    if (!config.pipelines.includes(name)) return false;
    if (chain.some((provider) => desks.has(provider))) return true;
    deps.log.warn('pipeline is not served: none of its providers can be asked', { pipeline: name });
    return false;
  });
  return config.lanes.flatMap((lane) => [
    ...served.map((pipeline) => entryStage(pipeline, lane, config, deps)),
    ...[...desks.values()].map((desk) => providerStage(desk, lane, config, deps)),
  ]);
}

function entryStage(pipeline: Pipeline, lane: Lane, config: Config, deps: StageDeps): Stage {
  return new Stage(
    {
      queue: laneQueue(pipeline.prefix, lane),
      lane,
      prefetch: config.entryPrefetch,
      pipelineFor: (name) => (name === undefined || name === pipeline.name ? pipeline : undefined),
      fallback: pipeline,
    },
    deps,
  );
}

/** Serves the tasks of every pipeline that asks this provider: they name theirs. */
function providerStage(desk: LookUpDesk, lane: Lane, config: Config, deps: StageDeps): Stage {
  const { name, definition, limits } = desk.provider;
  const fallback = pipelines.find(({ kind }) => kind === definition.kind);
  if (fallback === undefined) throw new Error(`provider '${name}': no pipeline for ${definition.kind}`);
  return new Stage(
    {
      queue: laneQueue(providerPrefix(name), lane),
      lane,
      prefetch:
        (config.prefetchCount > 0 ? config.prefetchCount : limits.maxInFlight) + heldByWriter(limits.rate),
      pipelineFor: (asked) => (asked === undefined ? undefined : pipelineNamed(asked)),
      fallback,
      desk,
      maxWaitMs: maxWaitMs(config)[lane],
    },
    deps,
  );
}
