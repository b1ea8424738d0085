/** The control endpoint: what a test, a benchmark or the demo sees and switches while the sandbox runs. */
import { z } from 'zod';
import type { ExchangeTools, Service } from './exchange.ts';
import { faultSchema } from './faults.ts';
import { PROVIDERS } from './provider-names.ts';
import type { Reply, SandboxRequest } from './protocol.ts';
import type { ProviderName } from './provider-names.ts';
import { Statistics } from './statistics.ts';

export interface Controlled {
  readonly services: Readonly<Record<ProviderName, Service>>;
  readonly tools: ExchangeTools;
  /** For each row of the input the ids that are right at this provider. */
  readonly truth: (provider: ProviderName) => unknown;
  readonly startedAt: number;
  settings: { speed: number };
}

const tuningSchema = z.strictObject({
  speed: z.number().min(0.01).max(100_000).optional(),
  latency: z.number().min(0).max(100).optional(),
});

const limitSchema = z.strictObject({
  provider: z.enum(PROVIDERS),
  count: z.int().min(1),
  window_ms: z.number().min(1),
  connections: z.int().min(1).optional(),
});

const ok = (body: unknown): Reply => ({ status: 200, headers: { 'content-type': 'application/json' }, body });

const refused = (status: number, error: string): Reply => ({ ...ok({ error }), status });

type Route = (controlled: Controlled, request: SandboxRequest) => Reply;

const ROUTES: Readonly<Record<string, Route>> = {
  'GET /stats': (controlled) => ok(statsOf(controlled)),
  'GET /log': ({ tools }, { query }) =>
    ok(tools.log.list(query.get('provider') ?? undefined, Number(query.get('limit') ?? '100'))),
  'GET /faults': ({ tools }) => ok(tools.faults.list()),
  'POST /faults': ({ tools }, { body }) => ok(tools.faults.add(faultSchema.parse(JSON.parse(body)))),
  'DELETE /faults': ({ tools }, { query }) => {
    const id = query.get('id');
    if (id === null) tools.faults.clear();
    else if (!tools.faults.remove(Number(id))) return refused(404, `no fault ${id}`);
    return ok(tools.faults.list());
  },
  'PUT /limits': ({ services }, { body }) => {
    const { provider, count, window_ms: windowMs, connections } = limitSchema.parse(JSON.parse(body));
    services[provider].limit.change({
      rate: { count, windowMs },
      ...(connections === undefined ? {} : { connections }),
    });
    return ok(services[provider].limit.allowed);
  },
  'PUT /tuning': (controlled, { body }) => {
    const { speed, latency } = tuningSchema.parse(JSON.parse(body));
    if (latency !== undefined) controlled.tools.latency.factor = latency;
    if (speed !== undefined) {
      controlled.settings = { speed };
      for (const service of Object.values(controlled.services)) service.limit.speed = speed;
    }
    return ok({ speed: controlled.settings.speed, latency: controlled.tools.latency.factor });
  },
  'POST /reset': (controlled) => {
    controlled.tools.faults.clear();
    controlled.tools.log.clear();
    for (const service of Object.values(controlled.services)) {
      service.statistics = new Statistics();
      service.limit.forget();
    }
    return ok(statsOf(controlled));
  },
  'GET /truth': ({ truth }, { query }) => {
    const provider = PROVIDERS.find((one) => one === query.get('provider'));
    return provider === undefined
      ? refused(400, `provider: one of ${PROVIDERS.join(', ')}`)
      : ok(truth(provider));
  },
};

function statsOf({ services, tools, startedAt, settings }: Controlled): unknown {
  const now = performance.now();
  const providers = PROVIDERS.map((name) => {
    const { statistics, limit } = services[name];
    const { count, windowMs, connections } = limit.allowed;
    const figures = statistics.figures(now, limit.inFlight);
    return [name, { ...figures, limit: { count, window_ms: windowMs, connections: connections ?? null } }];
  });
  return {
    uptime_s: Math.round((now - startedAt) / 100) / 10,
    speed: settings.speed,
    latency: tools.latency.factor,
    providers: Object.fromEntries(providers) as unknown,
  };
}

/** Answers `/_control/…`. A body that is wrong is answered with 400 and what is wrong with it. */
export function control(controlled: Controlled, request: SandboxRequest): Reply {
  const route = ROUTES[`${request.method} ${request.path}`];
  if (route === undefined) return refused(404, `one of: ${Object.keys(ROUTES).join(', ')}`);
  try {
    return route(controlled, request);
  } catch (error) {
    if (error instanceof z.ZodError) return refused(400, z.prettifyError(error));
    if (error instanceof SyntaxError) return refused(400, 'the body is not JSON');
    throw error;
  }
}
