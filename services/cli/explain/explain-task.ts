import type { Inspection } from '../../../shared/asking/inspect.ts';
import type { Pipeline } from '../../../shared/pipelines/pipeline.ts';
import { type MergedAnswers, mergeAnswers } from '../../../shared/task/merge.ts';
import { chainOf, type Completion, plan } from '../../../shared/task/plan.ts';
import type { Task } from '../../../shared/task/task.ts';
import type { InspectionDesk } from './inspection-desk.ts';

export interface Explanation {
  readonly task: Task;
  readonly steps: readonly Inspection[];
  /** Providers of the chain that were not asked, since what was found is enough. */
  readonly notAsked: readonly string[];
  readonly completion: Completion;
  readonly merged: MergedAnswers;
}

/** Takes the way that a worker would take, look-up by look-up; a provider that fails is given up on at once. */
export async function explainTask(
  task: Task,
  pipeline: Pipeline,
  desk: InspectionDesk,
): Promise<Explanation> {
  const { known, supplements } = desk;
  const chain = pipeline.chain.filter((name) => known.includes(name));
  const options = { known, supplements };
  const steps: Inspection[] = [];
  let current = task;
  for (;;) {
    const next = plan(current, chain, Date.now(), options);
    if (next.do === 'complete') {
      const merged = mergeAnswers(current, { chain, ...options, preferred: pipeline.preferred }, Date.now());
      const asked = steps.map(({ provider }) => provider);
      const notAsked = chainOf(task, chain, options).providers.filter((name) => !asked.includes(name));
      return { task, steps, notAsked, completion: next, merged };
    }
    const step = await desk.inspect(
      next.provider,
      pipeline,
      questionOf(current, pipeline, next.provider, desk),
    );
    steps.push(step);
    current = withStep(current, step);
  }
}

/** What this provider is asked for the task: a supplement about the answer of its base. */
function questionOf(
  task: Task,
  pipeline: Pipeline,
  provider: string,
  { supplements }: InspectionDesk,
): unknown {
  const supplement = supplements.get(provider);
  if (supplement === undefined) return pipeline.query(task.entity);
  return supplement.question(task.state.answers[supplement.base]?.fields ?? {});
}

function withStep(task: Task, { provider, answer, error }: Inspection): Task {
  const { state } = task;
  const known =
    answer === undefined
      ? { failed: { ...state.failed, [provider]: error?.message ?? 'failed' } }
      : { answers: { ...state.answers, [provider]: answer } };
  return { ...task, state: { ...state, ...known } };
}
