/** What the processes say of themselves: workers by their /metrics, the sandbox by its statistics. */
import { z } from 'zod';
import { parseSamples, sumsBy, type Sample } from './metric-samples.ts';

export interface ProviderFigures {
  readonly lookUps: number;
  readonly requests: number;
  readonly cacheHits: number;
  /** Requests that the sandbox counted above the limit; 0 without one: the real services do not tell. */
  readonly violations: number;
}

export interface Figures {
  readonly providers: ReadonlyMap<string, ProviderFigures>;
  /** Queue → deliveries that a worker holds. */
  readonly inFlight: ReadonlyMap<string, number>;
}

export interface Observed {
  readonly workers: readonly string[];
  /** Absent = live. */
  readonly sandbox: string | undefined;
  readonly providers: readonly string[];
}

const TIMEOUT_MS = 10_000;

const statsSchema = z.object({
  providers: z.record(z.string(), z.object({ requests: z.number(), violations: z.number() })),
});

/** Counters since the processes started: subtract an earlier look. Rejects when one of them does not answer. */
export async function readFigures({ workers, sandbox, providers }: Observed): Promise<Figures> {
  const texts = await Promise.all(workers.map((url) => get(`${url}/metrics`).then((reply) => reply.text())));
  const samples = texts.flatMap(parseSamples);
  const stats = sandbox === undefined ? undefined : await readStats(sandbox);
  const lookUps = sumsBy(samples, 'enrichment_look_ups_total', 'provider');
  const cacheHits = sumsBy(samples, 'enrichment_cache_hits_total', 'provider');
  const calls = requestsIn(samples);
  return {
    inFlight: sumsBy(samples, 'enrichment_tasks_in_flight', 'queue'),
    providers: new Map(
      providers.map((name) => [
        name,
        {
          lookUps: lookUps.get(name) ?? 0,
          cacheHits: cacheHits.get(name) ?? 0,
          requests: stats?.[name]?.requests ?? calls.get(name) ?? 0,
          violations: stats?.[name]?.violations ?? 0,
        },
      ]),
    ),
  };
}

const requestsIn = (samples: readonly Sample[]): Map<string, number> =>
  sumsBy(samples, 'enrichment_api_calls_total', 'provider');

/** What was counted between two looks. */
export function figuresSince(now: Figures, before: Figures): ReadonlyMap<string, ProviderFigures> {
  return new Map(
    [...now.providers].map(([name, figures]) => {
      const earlier = before.providers.get(name);
      return [
        name,
        {
          lookUps: figures.lookUps - (earlier?.lookUps ?? 0),
          requests: figures.requests - (earlier?.requests ?? 0),
          cacheHits: figures.cacheHits - (earlier?.cacheHits ?? 0),
          violations: figures.violations - (earlier?.violations ?? 0),
        },
      ];
    }),
  );
}

async function readStats(sandbox: string): Promise<z.infer<typeof statsSchema>['providers']> {
  const reply = await get(`${sandbox}/_control/stats`);
  return statsSchema.parse(await reply.json()).providers;
}

async function get(address: string): Promise<Response> {
  const response = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  return response;
}
