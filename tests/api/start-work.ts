import type { Environment } from '../../shared/runtime/environment.ts';
import type { TestPipeline } from '../pipeline.ts';
import { startTestScheduler } from '../scheduler.ts';

/** Starts what feeds and enriches jobs; without it they wait. The result stops it. `env` is the scheduler's. */
export async function startWork(pipeline: TestPipeline, env: Environment = {}): Promise<() => Promise<void>> {
  const stopScheduler = await startTestScheduler(pipeline, env);
  const worker = await pipeline.openWorker();
  return async () => {
    await stopScheduler();
    await worker.stop();
  };
}
