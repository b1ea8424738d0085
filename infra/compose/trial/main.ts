/**
 * `npm run -s compose:trial`: the compose files on a real engine, from cold to removed, with what operators do in between. Prints
 * figures, and exits 1 when a claim does not hold. Needs Docker with compose v2; takes about five minutes.
 */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { highest, imageSizesMb, workerFigures, type ContainerFigures } from './container-figures.ts';
import { finishedTasks } from './finished.ts';
import { enrichOverHttp } from './http-job.ts';
import { writeKnown, writeLoad } from './load.ts';
import { monitoringOf } from './monitoring.ts';
import { TrialProject } from './project.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const TRACKS = 260;
const LOAD = 500;
const HTTP_ROWS = 20;
/** Statistics of the last minute, covers and idle connections of what was before. */
const SETTLE_MS = 60_000;
const IDLE_SAMPLES = 10;
const DEADLINE_MS = 300_000;
/** Two scrapes of every target, and an evaluation of every rule. */
const MONITORED_MS = 120_000;

const failures: string[] = [];
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

function claim(holds: boolean, what: string): void {
  say(`${holds ? 'ok  ' : 'FAIL'} ${what}`);
  if (!holds) failures.push(what);
}

async function rowsOf(project: TrialProject, prefix: string): Promise<number> {
  return Number(await project.query(`select count(*) from tracks where track_id like '${prefix}-%'`));
}

/** Until as many rows are there; false when the deadline passes. A server that restarts is asked again. */
async function rowsReach(project: TrialProject, prefix: string, count: number): Promise<boolean> {
  const deadline = Date.now() + DEADLINE_MS;
  while (Date.now() < deadline) {
    if ((await rowsOf(project, prefix).catch(() => 0)) >= count) return true;
    await wait(500);
  }
  return false;
}

async function fromCold(project: TrialProject): Promise<void> {
  await project.compose('build', '--quiet');
  const { image, base } = await imageSizesMb(project);
  claim(image - base <= 250, `the image is ${(image - base).toFixed(0)} MB above its base (at most 250)`);
  const began = performance.now();
  await project.compose('up', '--detach');
  await project.publish(join(ROOT, 'examples', 'tracks.csv'));
  await rowsReach(project, 'track', 1);
  const seconds = (performance.now() - began) / 1_000;
  claim(seconds < 60, `from up to the first row ${seconds.toFixed(1)} s (less than 60)`);
  claim(await rowsReach(project, 'track', TRACKS), `all ${TRACKS} tracks of examples/tracks.csv have a row`);
}

async function overHttp(project: TrialProject): Promise<void> {
  const file = join(ROOT, '.stack', 'trial', 'http.csv');
  writeLoad(file, 'http', HTTP_ROWS);
  const began = performance.now();
  const status = await enrichOverHttp(project, file, DEADLINE_MS);
  const seconds = (performance.now() - began) / 1_000;
  claim(
    status === 'completed',
    `a job of ${HTTP_ROWS} rows over HTTP is ${status} in ${seconds.toFixed(1)} s, with its key`,
  );
}

async function idle(project: TrialProject): Promise<void> {
  const samples: ContainerFigures[] = [];
  await wait(SETTLE_MS);
  for (let taken = 0; taken < IDLE_SAMPLES; taken += 1) samples.push(...(await workerFigures(project)));
  const mean = samples.reduce((sum, { cpuPercent }) => sum + cpuPercent, 0) / samples.length;
  claim(mean < 1, `an idle worker takes ${mean.toFixed(2)} % of a core (less than 1)`);
}

async function scaling(project: TrialProject): Promise<void> {
  const stopFollowing = project.followWorkers();
  const file = join(ROOT, '.stack', 'trial', 'scaling.csv');
  writeLoad(file, 'scaling', LOAD);
  await project.publish(file);
  await scaleTo(project, 10);
  claim((await workerFigures(project)).length === 10, 'ten workers after --scale enrichment-worker=10');
  const under = await workerFigures(project);
  await scaleTo(project, 3);
  const left = LOAD - (await rowsOf(project, 'scaling'));
  claim(left > 0, `back to three while ${left} of ${LOAD} tasks wait`);
  const figures = [...under, ...(await workerFigures(project))];
  claim(await rowsReach(project, 'scaling', LOAD), `all ${LOAD} tasks have a row: none is lost`);
  await stopFollowing();
  const { once, again } = finishedTasks(project.logFile);
  claim(again.length === 0 && once > 0, `${once} tasks finished once, ${again.length} more than once`);
  const memory = highest(figures, 'memoryMb');
  claim(memory < 150, `at most ${memory.toFixed(0)} MB in a worker at prefetch 200 (less than 150)`);
}

const scaleTo = async (project: TrialProject, count: number): Promise<void> => {
  await project.compose('up', '--detach', '--no-recreate', '--scale', `enrichment-worker=${count}`);
};

/** `enrich scale` looks through a container and runs compose here. Bounds that leave one answer: what it wants depends on the hour. */
async function scaledByCommand(project: TrialProject): Promise<void> {
  for (const count of [4, 3]) {
    const bounds = ['--workers', `${count}-${count}`, '--backlog-workers', '1-1'];
    await project.run([process.execPath, join(ROOT, 'bin', 'enrich.js'), 'scale', '--compose', ...bounds]);
    const running = (await workerFigures(project)).length;
    claim(running === count, `${running} workers after enrich scale --compose --workers ${count}-${count}`);
  }
}

async function restarts(project: TrialProject): Promise<void> {
  const file = join(ROOT, '.stack', 'trial', 'restarts.csv');
  writeLoad(file, 'restarts', LOAD);
  await project.publish(file);
  const running = (await project.compose('ps', '--services')).split('\n');
  for (const service of running) {
    const began = performance.now();
    await project.compose('restart', service);
    say(`     ${service} restarted in ${((performance.now() - began) / 1_000).toFixed(1)} s`);
  }
  claim(
    await rowsReach(project, 'restarts', LOAD),
    `all ${LOAD} tasks have a row after ${running.length} restarts`,
  );
}

/** Workers with the second file alone, while the project that has the servers runs none. */
async function elsewhere(project: TrialProject): Promise<void> {
  const workers = project.elsewhere();
  const file = join(ROOT, '.stack', 'trial', 'elsewhere.csv');
  writeKnown(file, 'elsewhere');
  try {
    await project.compose('stop', 'enrichment-worker', 'enrichment-backlog-worker');
    await workers.compose('up', '--detach', '--scale', 'enrichment-backlog-worker=0');
    await project.publish(file);
    const done = await rowsReach(project, 'elsewhere', TRACKS);
    claim(done, `${TRACKS} known tracks have a row by workers of docker-compose.workers.yml alone`);
  } finally {
    await workers.remove();
  }
  await project.compose('up', '--detach');
}

async function monitored(project: TrialProject): Promise<void> {
  const { targetsUp, rules, alerts, problems } = await monitoringOf(project.prometheusUrl, MONITORED_MS);
  const what = `Prometheus reaches ${targetsUp} targets and evaluates ${rules} rules, ${alerts} of them alerts`;
  claim(problems.length === 0, [what, ...problems].join('; '));
}

const project = await TrialProject.prepare({ ENRICHMENT_PREFETCH_COUNT: '200', ENRICHMENT_WORKERS: '3' });
try {
  await project.remove();
  await fromCold(project);
  await overHttp(project);
  await monitored(project);
  await idle(project);
  await scaling(project);
  await scaledByCommand(project);
  // Before Redis is restarted, which forgets the answers that these workers find there.
  await elsewhere(project);
  await restarts(project);
  await monitored(project);
} finally {
  await project.remove();
}
say(failures.length === 0 ? 'Everything holds.' : `${failures.length} claims do not hold.`);
process.exitCode = failures.length === 0 ? 0 : 1;
