/** What the HTTP API takes of time and memory: an upload, many who ask for the status, many who watch, a long list. */
import { setTimeout as delay } from 'node:timers/promises';
import { announceJobs } from '../../shared/redis/job-news.ts';
import { openRedis, redisReady } from '../../shared/redis/redis-client.ts';
import { SILENT } from '../../shared/observability/log.ts';
import type { BenchSystem } from '../bench-system.ts';
import { percentile } from '../percentile.ts';
import { type ApiProcess, startApi } from './api-process.ts';
import { openStreams } from './event-streams.ts';
import { runOpenLoop } from './open-loop.ts';
import { seedEndedJobs, seedRunningJobs, type SeededJobs } from './seeded-jobs.ts';

export const API_PARTS = ['upload', 'status', 'streams', 'list'] as const;
export type ApiPart = (typeof API_PARTS)[number];

export interface ApiFigure {
  readonly measure: string;
  readonly now: number;
  readonly target: number;
  /** Of the target: 1 at most. */
  readonly ratio: number;
  readonly holds: boolean;
}

export interface ApiOptions {
  readonly parts: readonly ApiPart[];
  readonly say: (line: string) => void;
}

const UPLOADED_ROWS = 100_000;
const TASK_ROWS = 1_000_000;
const ENDED_JOBS = 100_000;
const STREAMS = 500;
const ASK = { perSecond: 500, connections: 200 };
const WARM_UP_SECONDS = 5;
const SECONDS = 10;
/** Their median counts: another program of the machine may have had one of them. */
const ROUNDS = 3;

interface Scene {
  readonly system: BenchSystem;
  readonly api: ApiProcess;
  readonly seeded: SeededJobs;
  readonly say: (line: string) => void;
}

/** Each part has a process of its own, on the same used database. No worker runs: what they take is not of the API. */
export async function measureApi(
  system: BenchSystem,
  { parts, say }: ApiOptions,
): Promise<readonly ApiFigure[]> {
  say(`${TASK_ROWS} task rows and ${ENDED_JOBS} jobs`);
  await seedEndedJobs(system, ENDED_JOBS);
  const seeded = await seedRunningJobs(system, TASK_ROWS);
  const figures: ApiFigure[] = [];
  for (const part of parts) {
    say(part);
    const api = await startApi(system);
    try {
      figures.push(...(await MEASURES[part]({ system, api, seeded, say })));
    } finally {
      await api.stop();
    }
  }
  return figures;
}

const MEASURES: Readonly<Record<ApiPart, (scene: Scene) => Promise<readonly ApiFigure[]>>> = {
  upload: measureUpload,
  status: measureStatus,
  streams: measureStreams,
  list: measureList,
};

async function measureUpload({ api }: Scene): Promise<readonly ApiFigure[]> {
  // What is compiled and loaded by the first upload is not of the hundred thousand rows.
  await upload(api, csvOf('first', 100));
  const file = csvOf('large', UPLOADED_ROWS);
  api.peakMb();
  const before = api.residentMb();
  const began = performance.now();
  await upload(api, file);
  const seconds = (performance.now() - began) / 1_000;
  return [
    figure(`seconds until a CSV of ${UPLOADED_ROWS} rows is durable`, seconds, 10),
    figure('MB that the process grows by meanwhile, at most', api.peakMb() - before, 150),
  ];
}

async function upload({ url, as }: ApiProcess, body: Buffer): Promise<void> {
  const headers = { authorization: as.operator, 'content-type': 'text/csv' };
  const response = await fetch(`${url}/v1/jobs`, { method: 'POST', headers, body: new Uint8Array(body) });
  const text = await response.text();
  if (response.status !== 202) throw new Error(`the upload is answered with ${response.status}: ${text}`);
}

function csvOf(name: string, rows: number): Buffer {
  const run = Math.random().toString(36).slice(2, 8);
  const lines = Array.from(
    { length: rows },
    (_, at) => `${name}-${run}-${at},Artist ${at % 997},"A title, number ${at}",The album ${at % 89}\n`,
  );
  return Buffer.from(`track_id,artist,title,album\n${lines.join('')}`);
}

async function measureStatus({ api, seeded: { jobIds }, say }: Scene): Promise<readonly ApiFigure[]> {
  const urlOf = (at: number): string => `${api.url}/v1/jobs/${jobIds[at % jobIds.length] ?? ''}/status`;
  const loop = { ...ASK, urlOf, authorization: api.as.operator };
  await runOpenLoop({ ...loop, seconds: WARM_UP_SECONDS });
  const worst: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const { latencies, failed } = await runOpenLoop({ ...loop, seconds: SECONDS });
    if (failed > 0) throw new Error(`${failed} requests were not answered with 200`);
    const [half = 0, most = 0] = [0.5, 0.99].map((part) => percentile(latencies, part));
    say(`round ${round}: half of them within ${half.toFixed(1)} ms, 99 % within ${most.toFixed(1)} ms`);
    worst.push(most);
  }
  const how = `of a job's status, ${ASK.perSecond} a second over ${ASK.connections} connections, ${TASK_ROWS} tasks`;
  return [figure(`p99 in ms ${how}`, percentile(worst, 0.5), 20)];
}

const MOVES = 20;
const MOVE_MS = 500;

/** All jobs move twice a second, as fast as anybody is told. */
async function measureStreams({ system, api, seeded: { jobIds } }: Scene): Promise<readonly ApiFigure[]> {
  const urls = Array.from(
    { length: STREAMS },
    (_, at) => `${api.url}/v1/jobs/${jobIds[at % jobIds.length] ?? ''}/events`,
  );
  const redis = openRedis({ url: system.urls.REDIS_URL, name: 'bench', log: SILENT });
  await redisReady(redis, 5_000);
  const streams = await openStreams(urls, api.as.operator);
  for (let move = 0; move < MOVES; move += 1) {
    await system.db.query(
      'update background_jobs set processed_items = processed_items + 1, revision = revision + 1 where job_id = any ($1)',
      [jobIds],
    );
    await announceJobs(redis, 'moved', jobIds);
    await delay(MOVE_MS);
  }
  const fewest = streams.fewestMessages();
  const peak = api.peakMb();
  streams.close();
  redis.disconnect();
  if (fewest < MOVES / 2) throw new Error(`a stream was told ${fewest} messages of ${MOVES}`);
  return [figure(`MB of the process with ${STREAMS} event streams, at most`, peak, 300)];
}

const PAGES = 100;

async function measureList({ api: { url, as } }: Scene): Promise<readonly ApiFigure[]> {
  const pages = [
    ['of an owner', as.operator, ''],
    ['of everybody', as.admin, ''],
    ['of what runs', as.operator, '?status=running'],
    ['of a label', as.operator, '?label=week+7'],
  ] as const;
  const figures: ApiFigure[] = [];
  for (const [whose, authorization, query] of pages) {
    const times: number[] = [];
    for (let at = 0; at < 2 * PAGES; at += 1) {
      const began = performance.now();
      const response = await fetch(`${url}/v1/jobs${query}`, { headers: { authorization } });
      await response.text();
      if (response.status !== 200) throw new Error(`the list is answered with ${response.status}`);
      if (at >= PAGES) times.push(performance.now() - began);
    }
    figures.push(
      figure(`p99 in ms of the first page ${whose}, ${ENDED_JOBS} jobs`, percentile(times, 0.99), 30),
    );
  }
  return figures;
}

const figure = (measure: string, now: number, target: number): ApiFigure => ({
  measure,
  now,
  target,
  ratio: now / target,
  holds: now < target,
});
