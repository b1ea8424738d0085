/** The scheduler in the process of the test: what feeds jobs to the broker. */
import { loadConfig } from '../services/scheduler/config.ts';
import { openSchedulerProcess } from '../services/scheduler/scheduler-process.ts';
import { SILENT } from '../shared/observability/log.ts';
import type { Environment } from '../shared/runtime/environment.ts';
import { testLifecycle, type TestPipeline } from './pipeline.ts';

let processes = 0;

/** Works when it resolves; the result stops it. */
export async function startTestScheduler(
  pipeline: TestPipeline,
  env: Environment = {},
): Promise<() => Promise<void>> {
  const { lifecycle, stop } = testLifecycle();
  const scheduler = await openSchedulerProcess({
    config: loadConfig({ ...pipeline.env, ...env }),
    log: SILENT,
    lifecycle,
    processId: `test-scheduler-${processes++}`,
  });
  scheduler.start();
  return stop;
}
