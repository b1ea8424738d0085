/** The scheduler: feeds the tasks of jobs to the broker, stops jobs, and runs what is due. As many as you like. */
import { randomUUID } from 'node:crypto';
import { runService } from '../../shared/service/run-service.ts';
import { loadConfig } from './config.ts';
import { openSchedulerProcess, SERVICE } from './scheduler-process.ts';

runService({
  folder: 'scheduler',
  serviceOf: () => SERVICE,
  load: () => loadConfig(),
  // It holds leases: containers on two machines may share host name and process id.
  open: ({ processId, ...context }) =>
    openSchedulerProcess({ ...context, processId: `${processId}#${randomUUID().slice(0, 8)}` }),
});
