/**
 * Where one fault happens: a virtual host, a database and a flushed Redis of its own, the sandbox as after a start, worker
 * processes, and load. Faults run one after another, since most of them hit a whole server.
 */
import { randomBytes } from 'node:crypto';
import type { Environment } from '../../shared/runtime/environment.ts';
import { databaseUrl } from '../template-database.ts';
import type { QueueType } from '../../shared/rabbitmq/topology.ts';
import type { FaultStack } from './fault-stack.ts';
import { Load } from './load.ts';
import { openLoadJobs } from './load-jobs.ts';
import { PATIENCE } from './patience.ts';
import type { Preload } from './preload.ts';
import { workerLimits } from './provider-limits.ts';
import { Queues } from './queues.ts';
import { flushRedis } from './redis-server.ts';
import { openPlaces } from './scene-places.ts';
import { type RunParts, type SceneOptions, USUAL } from './scene-options.ts';
import type { SandboxControl } from './sandbox-control.ts';
import { SettledTasks } from './settled-tasks.ts';
import { TcpProxy } from './tcp-proxy.ts';
import { WorkerProcess } from './worker-process.ts';
import { WorkSource } from './work-source.ts';
import { Workload } from './workload.ts';

const WARM_UP_TASKS = 300;
const JOB_TASKS = 500;
const WARM_UP_MS = 60_000 * PATIENCE;
const SCRAPE_MS = 1_000;

export class Scene {
  readonly stack: FaultStack;
  readonly sandbox: SandboxControl;
  readonly queueType: QueueType;
  readonly options: SceneOptions;
  readonly urls: { readonly broker: string; readonly database: string; readonly redis: string };
  readonly vhost: string;
  readonly workers: WorkerProcess[] = [];
  readonly seed: number;
  readonly #closers: (() => Promise<void>)[] = [];
  #queues: Queues | undefined;
  #workload: Workload | undefined;
  #load: Load | undefined;
  #settled: SettledTasks | undefined;
  #source: WorkSource | undefined;
  #spawned = 0;

  private constructor(parts: RunParts, queueType: QueueType, options: SceneOptions) {
    const { stack, sandbox, seed } = parts;
    const name = `fault_${randomBytes(4).toString('hex')}`;
    const broker = new URL(stack.urls.RABBITMQ_URL);
    broker.pathname = `/${name}`;
    this.stack = stack;
    this.sandbox = sandbox;
    this.queueType = queueType;
    this.options = options;
    this.vhost = name;
    this.seed = seed;
    this.urls = {
      broker: broker.href,
      database: databaseUrl(stack.urls.DATABASE_URL, name),
      redis: stack.urls.REDIS_URL,
    };
  }

  /** Resolves under load, when the first tasks are settled. Closes what it opened when that fails. */
  static async open(
    parts: RunParts,
    queueType: QueueType,
    options: Partial<SceneOptions> = {},
  ): Promise<Scene> {
    const scene = new Scene(parts, queueType, { ...USUAL, ...options });
    try {
      await scene.#furnish(parts);
      await scene.#startUp();
      return scene;
    } catch (error) {
      await scene.close();
      throw error;
    }
  }

  get queues(): Queues {
    return present(this.#queues);
  }

  get workload(): Workload {
    return present(this.#workload);
  }

  get load(): Load {
    return present(this.#load);
  }

  get settled(): SettledTasks {
    return present(this.#settled);
  }

  /** The first worker: the one that faults of workers hit. */
  get victim(): WorkerProcess {
    return present(this.workers[0]);
  }

  /** Starts one more worker, with settings of its own on top. Does not wait until it is ready. */
  async startWorker(
    env: Environment = {},
    preload: Preload | undefined = this.options.preload,
  ): Promise<WorkerProcess> {
    const worker = await WorkerProcess.start({
      name: `worker-${++this.#spawned}`,
      env: {
        LOG_LEVEL: 'warn',
        LOG_FORMAT: 'json',
        ...workerLimits(),
        PROVIDER_SANDBOX_URL: this.sandbox.url,
        RABBITMQ_URL: this.urls.broker,
        REDIS_URL: this.urls.redis,
        DATABASE_URL: this.urls.database,
        ...this.options.workerEnv,
        ...env,
      },
      ...(preload === undefined ? {} : { preload }),
    });
    this.workers.push(worker);
    return worker;
  }

  /** Publishes what the load has left of the jobs, so that they come to their end; resolves when it is confirmed. */
  async endJobs(): Promise<void> {
    await this.load.publish(present(this.#source).takeRest());
  }

  /** Puts back what a fault took away from the queues, as queue-init does. */
  async declareAgain(): Promise<void> {
    await Queues.declare(this.urls.broker, this.queueType);
  }

  /** A proxy in front of the server of this URL, closed with the scene, and the URL through it. */
  async proxied(url: string): Promise<{ readonly proxy: TcpProxy; readonly url: string }> {
    const address = new URL(url);
    const proxy = await TcpProxy.open({ host: address.hostname, port: Number(address.port) });
    this.#closers.push(() => proxy.close());
    address.hostname = '127.0.0.1';
    address.port = String(proxy.port);
    return { proxy, url: address.href };
  }

  /** Resolves with the seconds until everything that is confirmed now has an end; null when that takes longer. */
  async secondsUntilSettled(withinMs: number): Promise<number | null> {
    const startedAt = performance.now();
    const due = [...this.load.confirmed.keys()];
    const at = await this.settled.until((ids) => due.every((id) => ids.has(id)), withinMs);
    return at === undefined ? null : Math.round((at - startedAt) / 10) / 100;
  }

  /** Stops every worker that still runs, as a deployment does; resolves with how each of them ended. */
  async stopWorkers(): Promise<ReadonlyMap<WorkerProcess, string>> {
    const endings = this.workers.map(async (worker): Promise<[WorkerProcess, string]> => {
      if (worker.isRunning) {
        await worker.scrape();
        worker.signal('SIGTERM');
      }
      return [worker, await worker.ended];
    });
    return new Map(await Promise.all(endings));
  }

  /** Ends everything; never throws, since a fault may have left any of it broken. */
  async close(): Promise<void> {
    for (const worker of this.workers) {
      if (!worker.isRunning) continue;
      worker.signal('SIGKILL');
      await worker.ended;
    }
    for (const closing of this.#closers.reverse()) await closing().catch(() => undefined);
  }

  async #furnish({ stack, sandbox, template }: RunParts): Promise<void> {
    await sandbox.reset();
    await flushRedis(stack.urls.REDIS_URL);
    await openPlaces(stack, { name: this.vhost, template }, (closing) => {
      this.#closers.push(closing);
    });
    this.#queues = await Queues.declare(this.urls.broker, this.queueType);
    if (this.options.heartbeatSeconds !== undefined) await this.setHeartbeat(this.options.heartbeatSeconds);
  }

  /** Also after a restart of the broker, which forgets it. */
  async setHeartbeat(seconds: number): Promise<void> {
    await this.stack.rabbitmqctl('eval', `application:set_env(rabbit, heartbeat, ${seconds}).`);
    this.#closers.push(async () => {
      await this.stack.rabbitmqctl('eval', 'application:set_env(rabbit, heartbeat, 60).');
    });
  }

  async #startUp(): Promise<void> {
    const { perSecond, coldShare, lane } = this.options;
    this.#settled = new SettledTasks(this.urls.database);
    this.#closers.push(() => this.settled.close());
    const workload = new Workload({
      seed: this.seed,
      movies: await this.sandbox.movies(),
      coldShare,
      prefix: this.vhost,
    });
    this.#workload = workload;
    const drawn = Array.from({ length: JOB_TASKS }, () => workload.next(lane));
    const jobTasks = await openLoadJobs(this.urls.database, drawn);
    const source = new WorkSource(() => workload.next(lane), jobTasks);
    this.#source = source;
    this.#load = await Load.open({ url: this.urls.broker, perSecond, next: () => source.next() });
    this.#closers.push(() => this.load.close());
    const count = this.options.workers;
    await Promise.all(Array.from({ length: count }, () => this.startWorker()));
    await Promise.all(this.workers.map((worker) => worker.ready()));
    this.#scrapeOften();
    // What most tasks ask for is known before the load begins, as it is in a system that has run for a while.
    await this.load.publish(workload.known());
    await this.#settledAtLeast(this.load.confirmed.size);
    this.load.start();
    await this.#settledAtLeast(this.load.confirmed.size + WARM_UP_TASKS);
  }

  async #settledAtLeast(count: number): Promise<void> {
    if ((await this.settled.until(({ size }) => size >= count, WARM_UP_MS)) !== undefined) return;
    const logs = this.workers.map((worker) => worker.log(worker.name));
    throw new Error([`${this.settled.ids.size} of ${count} tasks are settled`, ...logs].join('\n'));
  }

  /** A worker that is killed takes its figures along: those of the second before are kept. */
  #scrapeOften(): void {
    const timer = setInterval(() => {
      for (const worker of this.workers) if (worker.isRunning) void worker.scrape();
    }, SCRAPE_MS);
    this.#closers.push(async () => {
      clearInterval(timer);
    });
  }
}

function present<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('the scene is not open');
  return part;
}
