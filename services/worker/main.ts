/** The worker: entry stages and provider stages of the lanes that it is told to serve. */
import { currentEnvironment } from '../../shared/runtime/environment.ts';
import { runService } from '../../shared/service/run-service.ts';
import { loadConfig } from './config.ts';
import { checkAllSettings } from './check-all-settings.ts';
import { openWorker } from './worker.ts';

runService({
  folder: 'worker',
  serviceOf: ({ lanes }) => (lanes.includes('priority') ? 'enrichment-worker' : 'enrichment-backlog-worker'),
  load: async () => {
    await checkAllSettings(currentEnvironment());
    return loadConfig();
  },
  open: async (context) => ({
    ...(await openWorker({ ...context, env: currentEnvironment() })),
    facts: { lanes: context.config.lanes.join(',') },
  }),
});
