/** What `npm run check:deploy` looks at. Each step returns what is wrong; programs that a machine lacks are said, or installed. */
import { execFile, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { currentEnvironment } from '../../shared/runtime/environment.ts';
import { generatedDocuments } from '../docs/documents.ts';
import { identityOf, parseManifests } from '../kubernetes/manifest.ts';
import { renderOverlay } from '../kubernetes/render.ts';
import { problemOf } from '../kubernetes/validate.ts';
import { installCommand, installPackages } from '../local-stack/debian-packages.ts';
import { composeProblems } from './compose-files.ts';

const execute = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..');
const COMPOSE_FILES = ['docker-compose.yml', 'docker-compose.workers.yml'];
/** How they are used: together, the second alone, and with what publishes the servers to machines that have the second alone. */
const TOGETHER = [
  COMPOSE_FILES,
  ['docker-compose.workers.yml'],
  [...COMPOSE_FILES, 'infra/compose/published-servers.yml'],
];
const OVERLAYS = ['small', 'production'];
const RULES = ['enrichment-rules.yml', 'enrichment-alerts.yml'];

export interface Step {
  readonly name: string;
  readonly run: (say: (line: string) => void) => Promise<readonly string[]>;
}

export const STEPS: readonly Step[] = [
  { name: 'generated files are up to date', run: staleDocuments },
  { name: 'compose files', run: composeFiles },
  { name: 'kustomize overlays', run: overlays },
  { name: 'Prometheus configuration, rules and their tests', run: prometheus },
];

async function staleDocuments(): Promise<readonly string[]> {
  const documents = [...(await generatedDocuments())];
  return documents
    .filter(([path, wanted]) => readFileSync(join(ROOT, path), 'utf8') !== wanted)
    .map(([path]) => `${path}: npm run -s docs:generate makes another`);
}

/** By our own schema, and by each compose that is on the machine. */
async function composeFiles(say: (line: string) => void): Promise<readonly string[]> {
  const own = COMPOSE_FILES.flatMap((name) => composeProblems(ROOT, name).map((one) => `${name}: ${one}`));
  const programs = [['docker', 'compose'], ['docker-compose']].filter(([program = '', ...args]) =>
    isThere(program, [...args, 'version']),
  );
  if (programs.length === 0) say('no docker compose on this machine: its schema was checked alone');
  const folder = mkdtempSync(join(tmpdir(), 'enrichment-compose-'));
  try {
    const settings = join(folder, 'env');
    copyFileSync(join(ROOT, '.env.example'), settings);
    const env = {
      ...currentEnvironment(),
      ENRICHMENT_ENV_FILE: settings,
      ENRICHMENT_SERVERS_ADDRESS: '192.0.2.1',
      COMPOSE_FILE: '',
    };
    const complaints = programs.flatMap((program) =>
      TOGETHER.map((files) => {
        const [command = '', ...first] = program;
        const args = [...first, ...files.flatMap((file) => ['-f', file]), 'config', '-q'];
        return complaintOf(command, args, env);
      }),
    );
    return [...own, ...complaints.filter((one) => one !== '')];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function overlays(say: (line: string) => void): Promise<readonly string[]> {
  const hasKubectl = isThere('kubectl', ['kustomize', '--help']);
  if (!hasKubectl) say('no kubectl on this machine: rendered by our own renderer alone');
  const problems: string[] = [];
  for (const overlay of OVERLAYS) {
    const folder = join(ROOT, 'infra', 'kubernetes', 'overlays', overlay);
    const ours = renderOverlay(folder);
    problems.push(...ours.map(problemOf).filter((problem) => problem !== undefined));
    if (!hasKubectl) continue;
    const { stdout } = await execute('kubectl', ['kustomize', folder]);
    const theirs = new Map(parseManifests(stdout).map((one) => [identityOf(one), canonical(one)]));
    problems.push(
      ...ours
        .filter((one) => theirs.get(identityOf(one)) !== canonical(one))
        .map((one) => `${overlay}: kubectl renders another ${identityOf(one)}`),
    );
    if (theirs.size !== ours.length) problems.push(`${overlay}: kubectl renders ${theirs.size} objects`);
  }
  return problems;
}

async function prometheus(say: (line: string) => void): Promise<readonly string[]> {
  if (!isThere('promtool', ['--version']) && !(await installPackages(['prometheus'], say))) {
    return [`promtool is not on this machine: ${installCommand(['prometheus'])}`];
  }
  const folder = join(ROOT, 'monitoring', 'prometheus');
  const tests = readdirSync(folder).filter((file) => file.endsWith('.test.yml'));
  const runs = [
    ['check', 'config', '--syntax-only', join(folder, 'prometheus.yml')],
    ['check', 'rules', ...RULES.map((file) => join(folder, file))],
    ...tests.map((file) => ['test', 'rules', join(folder, file)]),
  ];
  return runs.map((args) => complaintOf('promtool', args, currentEnvironment())).filter((one) => one !== '');
}

const isThere = (program: string, args: readonly string[]): boolean => spawnSync(program, args).status === 0;

/** What it says on failure; empty when it is content. */
function complaintOf(program: string, args: readonly string[], env: NodeJS.ProcessEnv): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: ROOT, env, encoding: 'utf8' });
  return status === 0 ? '' : `${program} ${args.join(' ')}:\n${stdout}${stderr}`;
}

/** The same for the same object, whatever the order of its fields. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => a.localeCompare(b, 'en')))
      : item,
  );
