import type { Route } from '../http/route.ts';
import type { Resources } from '../resources.ts';
import { deadLetterRoutes } from './dead-letters.ts';
import { enrichRoutes } from './enrich.ts';
import { entityRoutes } from './entities.ts';
import { jobActRoutes } from './job-acts.ts';
import { jobEventRoutes } from './job-events.ts';
import { jobResultRoutes } from './job-results.ts';
import { jobTaskRoutes } from './job-tasks.ts';
import { jobRoutes } from './jobs.ts';
import { providerRoutes } from './providers.ts';
import { queueRoutes } from './queues.ts';
import { replayRoutes } from './replays.ts';
import { submitRoutes } from './submit-job.ts';
import { usageRoutes } from './usage.ts';
import { webhookDeliveryRoutes } from './webhook-deliveries.ts';
import { webhookSecretRoutes } from './webhook-secrets.ts';
import { webhookRoutes } from './webhooks.ts';

const GROUPS = [
  submitRoutes,
  jobRoutes,
  jobActRoutes,
  jobTaskRoutes,
  jobResultRoutes,
  jobEventRoutes,
  enrichRoutes,
  entityRoutes,
  deadLetterRoutes,
  replayRoutes,
  providerRoutes,
  queueRoutes,
  usageRoutes,
  webhookRoutes,
  webhookSecretRoutes,
  webhookDeliveryRoutes,
];

/** The whole contract, in the order in which it is shown. */
export const allRoutes = (resources: Resources): readonly Route[] =>
  GROUPS.flatMap((routes) => routes(resources));
