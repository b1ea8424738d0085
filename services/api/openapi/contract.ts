import type { Resources } from '../resources.ts';
import { allRoutes } from '../routes/all-routes.ts';
import type { JsonSchema } from './components.ts';
import { openApiDocument } from './document.ts';

/** The document without a running service: handlers are declared and never called. */
export const contract = (): JsonSchema => openApiDocument(allRoutes({} as Resources));
