/** One run: publish the files, watch until everything is settled, hold the result against the truth. */
import { SILENT } from '../../shared/observability/log.ts';
import { openPool, type Pool } from '../../shared/postgres/pool.ts';
import type { ProviderDefinition } from '../../shared/providers/provider.ts';
import { EnrichmentQueuePublisher } from '../../shared/publisher.ts';
import { Connection } from '../../shared/rabbitmq/connection.ts';
import type { ProviderMode } from '../local-system/provider-mode.ts';
import type { DemoSystem } from './demo-system.ts';
import type { Observed } from './figures.ts';
import { Observer } from './observer.ts';
import { patiently } from './patiently.ts';
import { PaceMeter } from './pace.ts';
import type { ProgressDisplay } from './progress-display.ts';
import { Publication, publishSource } from './publish-source.ts';
import { enrichedRows } from './results.ts';
import type { RunResult } from './run-result.ts';
import type { RunState } from './run-state.ts';
import type { Source } from './sources.ts';
import { watchRun } from './watch-run.ts';
import { readTruth, wrongMatches, type WrongMatch } from './wrong-matches.ts';

export interface RunOptions {
  readonly demo: DemoSystem;
  readonly mode: ProviderMode;
  readonly definitions: readonly ProviderDefinition[];
  readonly sources: readonly Source[];
  readonly limit: number | undefined;
  readonly display: ProgressDisplay;
  readonly signal: AbortSignal;
}

const NAME = 'enrichment-demo';

/** Rejects when the run cannot go on; a run that gets stuck resolves with what is not settled. */
export async function runDemo(options: RunOptions): Promise<Omit<RunResult, 'totalSeconds'>> {
  const { demo, sources, signal } = options;
  // Of one run alone: rows are counted by it. The caches do not look at it, so what an earlier run asked is known.
  const owner = `demo-${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}`;
  const publications = sources.map((source) => new Publication(source));
  const connection = new Connection({ url: demo.urls.RABBITMQ_URL, name: NAME, log: SILENT }).start();
  const pool = openPool({ url: demo.urls.DATABASE_URL, max: 2, applicationName: NAME });
  try {
    const observed = observedOf(options);
    const deps = { connection, pool, observed, publications, owner };
    const observer = await patiently(() => Observer.open(deps), signal);
    const state = await publishAndWatch(options, { observer, publications, owner });
    const { rows, wrong } = await patiently(
      () => judge(publications, { definitions: options.definitions, pool, owner, sandbox: observed.sandbox }),
      signal,
    );
    return { state, owner, rows, wrong };
  } finally {
    await Promise.all([connection.close(), pool.end()]);
  }
}

function observedOf({ demo, definitions }: RunOptions): Observed {
  const { urls } = demo.system;
  return {
    workers: [...urls].flatMap(([name, url]) => (name.endsWith('worker') ? [url] : [])),
    sandbox: urls.get('provider-sandbox'),
    providers: definitions.map(({ name }) => name),
  };
}

interface Run {
  readonly observer: Observer;
  readonly publications: readonly Publication[];
  readonly owner: string;
}

async function publishAndWatch(options: RunOptions, run: Run): Promise<RunState> {
  const { demo, mode, definitions, limit, display } = options;
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  demo.system.onCrash(({ process, ending }) => {
    failed.abort(new Error(process.withLastLines(`${process.record.name} ended with ${ending}`)));
  });
  const publisher = new EnrichmentQueuePublisher({ url: demo.urls.RABBITMQ_URL, name: NAME, window: 500 });
  try {
    await publisher.connect(signal);
    const publishing = run.publications.map((publication) =>
      publishSource(publication, { publisher, owner: run.owner, limit, signal }),
    );
    void Promise.all(publishing).catch((error: unknown) => {
      failed.abort(error);
    });
    const meter = new PaceMeter(definitions, mode.kind === 'live' ? 1 : mode.speed);
    return await watchRun({ observer: run.observer, meter, display, signal });
  } catch (error) {
    // Whatever waited was only told that it was aborted: the reason is what people need.
    signal.throwIfAborted();
    throw error;
  } finally {
    await publisher.close();
  }
}

interface JudgeDeps {
  readonly definitions: readonly ProviderDefinition[];
  readonly pool: Pool;
  readonly owner: string;
  readonly sandbox: string | undefined;
}

async function judge(
  publications: readonly Publication[],
  { definitions, pool, owner, sandbox }: JudgeDeps,
): Promise<Pick<RunResult, 'rows' | 'wrong'>> {
  const truth = sandbox === undefined ? undefined : await readTruth(sandbox, definitions);
  const rows = new Map<string, Awaited<ReturnType<typeof enrichedRows>>>();
  const wrong: WrongMatch[] = [];
  for (const publication of publications) {
    const found = await enrichedRows(pool, publication.source, owner);
    rows.set(publication.source.pipeline.name, found);
    if (truth !== undefined) wrong.push(...wrongMatches(publication, found, truth));
  }
  return { rows, wrong: truth === undefined ? undefined : wrong };
}
