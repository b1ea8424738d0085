import type { Route } from '../http/route.ts';
import type { Resources } from '../resources.ts';
import { deadLetterRoutes } from './dead-letters.ts';
import { entityRoutes } from './entities.ts';
import { providerRoutes } from './providers.ts';
import { queueRoutes } from './queues.ts';
import { replayRoutes } from './replays.ts';

/** The whole contract, in the order in which it is shown. */
export const allRoutes = (resources: Resources): readonly Route[] =>
  [entityRoutes, deadLetterRoutes, replayRoutes, providerRoutes, queueRoutes].flatMap((routes) =>
    routes(resources),
  );
