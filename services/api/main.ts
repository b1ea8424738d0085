/** The HTTP API. */
import { currentEnvironment } from '../../shared/runtime/environment.ts';
import { runService } from '../../shared/service/run-service.ts';
import { loadConfig } from './config.ts';
import { openService, SERVICE } from './service.ts';

runService({
  folder: 'api',
  serviceOf: () => SERVICE,
  load: () => loadConfig(),
  open: async (context) => {
    const { access } = context.config;
    const opened = await openService({ ...context, env: currentEnvironment() });
    if (access === 'open') context.log.warn('API_ACCESS=open: whoever is on this machine may do everything');
    return { ...opened, facts: { url: opened.url, access } };
  },
});
