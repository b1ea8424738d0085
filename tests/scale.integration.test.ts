/** `enrich scale` on real servers, with a program in place of docker that writes down what it is told. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { currentEnvironment, type Environment } from '../shared/runtime/environment.ts';
import { type Ended, runEnrich } from './enrich-command.ts';
import { openTestPipeline, type TestPipeline } from './pipeline.ts';

/** Five workers and one backlog worker run; a status is that of the file beside it. */
const DOCKER = `#!/bin/sh
folder=$(dirname "$0")
echo "$*" >>"$folder/calls"
case "$*" in
  "compose ps -q enrichment-worker") printf 'a\\nb\\nc\\nd\\ne\\n' ;;
  "compose ps -q enrichment-backlog-worker") echo f ;;
  "compose run"*) cat "$folder/status" ;;
  *enrichment-worker=7*) echo "no space left on device" >&2; exit 17 ;;
esac
`;

const SCALE_DOWN = 'compose up -d --no-deps --no-recreate --scale enrichment-worker=3 enrichment-worker';

let pipeline: TestPipeline;
let folder: string;

beforeAll(async () => {
  pipeline = await openTestPipeline();
});

afterAll(async () => {
  await pipeline.close();
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docker-'));
  await writeFile(join(folder, 'docker'), DOCKER);
  await chmod(join(folder, 'docker'), 0o755);
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const scale = (args: readonly string[], env: Environment = pipeline.env): Promise<Ended> => {
  const { PATH = '' } = currentEnvironment();
  return runEnrich(['scale', '--compose', ...args], { ...env, PATH: `${folder}${delimiter}${PATH}` });
};

const calls = async (): Promise<readonly string[]> =>
  (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n');

test('an idle system is brought to the fewest workers, and what is right is left alone', async () => {
  const { code, stdout } = await scale([]);
  expect(code).toBe(0);
  expect(stdout).toContain('enrichment-worker: 5 to 3: 1 wanted (idle), bounded to 3-10');
  expect(stdout).toContain('enrichment-backlog-worker: 1, stays');
  expect(await calls()).toEqual([
    'compose ps -q enrichment-worker',
    'compose ps -q enrichment-backlog-worker',
    SCALE_DOWN,
  ]);
}, 60_000);

test('a dry run says what it would do and does nothing', async () => {
  const { code, stdout } = await scale(['--dry-run', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    command: `docker ${SCALE_DOWN}`,
    applied: false,
    services: [
      { service: 'enrichment-worker', running: 5, replicas: 3 },
      { service: 'enrichment-backlog-worker', running: 1, replicas: 1 },
    ],
  });
  expect(await calls()).not.toContain(SCALE_DOWN);
}, 60_000);

test('without an address the command line inside the project is asked', async () => {
  const lane = { waiting: 90_000, oldest_s: 400, workers: 5, wanted_by: 'entry' };
  const lanes = [
    { ...lane, lane: 'priority', workers_wanted: 30 },
    { ...lane, lane: 'backlog', workers_wanted: 2 },
  ];
  await writeFile(join(folder, 'status'), JSON.stringify({ at: new Date().toISOString(), lanes }));
  // An API that is named keeps the addresses of a system that this clone may run out of it.
  const nowhere = {
    RABBITMQ_URL: '',
    REDIS_URL: '',
    DATABASE_URL: '',
    ENRICHMENT_API_URL: 'http://127.0.0.1:1',
  };
  const { code } = await scale(['--workers', '3-20'], nowhere);
  expect(code).toBe(0);
  expect(await calls()).toEqual([
    'compose run --rm -T --no-deps enrich status --json',
    'compose ps -q enrichment-worker',
    'compose ps -q enrichment-backlog-worker',
    'compose up -d --no-deps --no-recreate --scale enrichment-worker=20 --scale enrichment-backlog-worker=2 ' +
      'enrichment-worker enrichment-backlog-worker',
  ]);
}, 60_000);

test('a docker that fails is quoted, and one that is not there is said to be missing', async () => {
  const failed = await scale(['--workers', '7-9']);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain('no space left on device');
  await rm(join(folder, 'docker'));
  const { code, stderr } = await runEnrich(['scale', '--compose'], {
    ...pipeline.env,
    PATH: folder,
  });
  expect(code).toBe(1);
  expect(stderr).toContain('there is no docker on this machine');
}, 60_000);
