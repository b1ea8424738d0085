/** What else people run such tasks with. Installed when a benchmark asks for it; the project does not depend on it. */
import type { Options } from 'amqplib';
import { compiled } from '../compiled.ts';
import { TABLE } from '../programs/warm-row.ts';
import { type Arena, type Contender, started } from './contenders.ts';
import { installBullMq, installCelery } from './peer-packages.ts';

const TABLE_OF_PEERS = { name: TABLE, idColumn: 'id' };

/** One process; undefined when npm cannot get it. */
export async function bullMq(
  { system }: Arena,
  concurrency: number,
  say: (line: string) => void,
): Promise<Contender | undefined> {
  const modules = await installBullMq(say);
  if (modules === undefined) return undefined;
  const env = { BENCH_MODULES: modules.folder, BENCH_QUEUE: 'bench' };
  return {
    name: `BullMQ ${modules.version}, concurrency ${concurrency}`,
    share: 0.25,
    table: TABLE_OF_PEERS,
    fill: async (bodies) => {
      const { Queue } = modules.load();
      const { hostname: host, port, password } = new URL(system.urls.REDIS_URL);
      const connection = { host, port: Number(port), password: decodeURIComponent(password) };
      const queue = new Queue('bench', { connection });
      const options = { removeOnComplete: true };
      const jobs = bodies.map((body) => ({
        name: 'enrich',
        data: JSON.parse(body.toString()) as object,
        opts: options,
      }));
      for (let at = 0; at < jobs.length; at += 1_000) await queue.addBulk(jobs.slice(at, at + 1_000));
      await queue.close();
    },
    start: () =>
      started(
        system.startProgram(compiled('bench/programs/bullmq-worker.ts'), {
          ...env,
          BENCH_CONCURRENCY: String(concurrency),
        }),
      ),
  };
}

const CELERY_QUEUE = 'bench_celery';

/** Prefork; undefined when this is no Debian, or nobody may install packages. */
export async function celery(
  { system, queue }: Arena,
  processes: number,
  say: (line: string) => void,
): Promise<Contender | undefined> {
  const version = await installCelery(say);
  if (version === undefined) return undefined;
  return {
    name: `Celery ${version}, ${processes} ${processes === 1 ? 'process' : 'processes'}`,
    share: 0.15,
    table: TABLE_OF_PEERS,
    fill: async (bodies) => {
      await queue.remakePlain(CELERY_QUEUE);
      await queue.fill(CELERY_QUEUE, bodies.map(asCeleryMessage), celeryProperties);
    },
    start: () =>
      started(
        system.startProgram('bench/programs/celery-worker.ts', {
          BENCH_QUEUE: CELERY_QUEUE,
          BENCH_PROCESSES: String(processes),
        }),
      ),
  };
}

/** Version 2 of Celery's protocol: positional arguments, named ones, and what follows. */
const asCeleryMessage = (body: Buffer): Buffer =>
  Buffer.from(`[[${body.toString()}],{},{"callbacks":null,"errbacks":null,"chain":null,"chord":null}]`);

function celeryProperties(at: number): Options.Publish {
  const id = `bench-${at}`;
  return {
    contentEncoding: 'utf-8',
    correlationId: id,
    headers: { lang: 'py', task: 'enrich', id, root_id: id, parent_id: null, group: null, retries: 0 },
  };
}
