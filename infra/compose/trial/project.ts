/** A compose project of its own, of the very files that are deployed: logins, ports and data are its own too. */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, createReadStream, createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { currentEnvironment } from '../../../shared/runtime/environment.ts';
import { freePorts } from '../../local-stack/ports.ts';
import { loadProviders, providerEnvironment } from '../../local-system/provider-mode.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const FOLDER = join(ROOT, '.stack', 'trial');
const SPEED = 20;
const PORTS = [
  'RABBITMQ_PORT',
  'RABBITMQ_MANAGEMENT_PORT',
  'REDIS_PORT',
  'DATABASE_PORT',
  'API_PORT',
  'PROMETHEUS_PORT',
];

/** Where Docker's own networks see this machine: no other machine reaches it there. */
const GATEWAY = ['network', 'inspect', 'bridge', '--format', '{{(index .IPAM.Config 0).Gateway}}'];

export class TrialProject {
  readonly logFile = join(FOLDER, 'workers.log');
  readonly apiUrl: string;
  readonly prometheusUrl: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
    this.apiUrl = `http://127.0.0.1:${env['API_PORT'] ?? ''}`;
    this.prometheusUrl = `http://127.0.0.1:${env['PROMETHEUS_PORT'] ?? ''}`;
  }

  /** Starts nothing. The providers are the sandbox at 20 times the limits of the real ones. */
  static async prepare(settings: Readonly<Record<string, string>>): Promise<TrialProject> {
    mkdirSync(FOLDER, { recursive: true });
    const mode = { kind: 'sandbox', speed: SPEED, latency: 1 } as const;
    const ports = await freePorts(PORTS.map(() => undefined));
    const file = {
      ...providerEnvironment(await loadProviders(), mode, 'http://provider-sandbox:8090'),
      PROVIDER_SANDBOX_SPEED: String(SPEED),
      ...Object.fromEntries(PORTS.map((key, index) => [key, String(ports[index])])),
      ...settings,
    };
    const envFile = join(FOLDER, 'env');
    writeFileSync(envFile, assignments(file), { mode: 0o600 });
    const project = new TrialProject({
      ...currentEnvironment(),
      ...file,
      COMPOSE_PROJECT_NAME: 'enrichment-trial',
      COMPOSE_FILE: 'docker-compose.yml:docker-compose.workers.yml:infra/compose/published-servers.yml',
      // All but Grafana, which adds nothing that could fail here.
      COMPOSE_PROFILES: 'demo,metrics',
      ENRICHMENT_VERSION: 'trial',
      ENRICHMENT_SERVERS_ADDRESS: execFileSync('docker', GATEWAY, { encoding: 'utf8' }).trim(),
      ENRICHMENT_ENV_FILE: envFile,
      ENRICHMENT_SECRETS_DIR: join(FOLDER, 'secrets'),
    });
    await project.run(['sh', 'infra/compose/prepare.sh']);
    return project;
  }

  /**
   * The workers' file alone, as on another machine: a project with networks of its own, which reaches the servers of this one where
   * they are published. Starts nothing.
   */
  elsewhere(): TrialProject {
    const { ENRICHMENT_SERVERS_ADDRESS: address = '', ...env } = this.#env;
    const secrets = join(FOLDER, 'secrets-elsewhere');
    cpSync(env['ENRICHMENT_SECRETS_DIR'] ?? '', secrets, { recursive: true });
    for (const [name, port] of [
      ['rabbitmq', env['RABBITMQ_PORT']],
      ['redis', env['REDIS_PORT']],
      ['database', env['DATABASE_PORT']],
    ] as const) {
      const file = join(secrets, `worker_${name}_url`);
      const url = new URL(readFileSync(file, 'utf8').trim());
      url.hostname = address;
      url.port = port ?? '';
      writeFileSync(file, url.href);
    }
    return new TrialProject({
      ...env,
      COMPOSE_PROJECT_NAME: 'enrichment-trial-elsewhere',
      COMPOSE_FILE: 'docker-compose.workers.yml',
      COMPOSE_PROFILES: '',
      ENRICHMENT_SECRETS_DIR: secrets,
    });
  }

  compose(...args: string[]): Promise<string> {
    return this.run(['docker', 'compose', ...args]);
  }

  /** Resolves with what it printed; rejects with its complaints when it fails. */
  run([program = '', ...args]: readonly string[], inputFile?: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, { cwd: ROOT, env: this.#env });
      let out = '';
      let complaints = '';
      child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
      (inputFile === undefined ? Readable.from([]) : createReadStream(inputFile)).pipe(child.stdin);
      child.once('error', reject);
      child.once('close', (code) => {
        if (code === 0) resolve(out.trim());
        else
          reject(new Error(`${program} ${args.join(' ')} ended with ${code ?? 'a signal'}:\n${complaints}`));
      });
    });
  }

  /** Follows the workers from now on: what a container has said is gone with it. Ends when called. */
  followWorkers(): () => Promise<void> {
    const args = ['compose', 'logs', '--follow', '--no-log-prefix', '--tail', '0'];
    const child = spawn('docker', [...args, 'enrichment-worker', 'enrichment-backlog-worker'], {
      cwd: ROOT,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const file = createWriteStream(this.logFile);
    child.stdout.pipe(file);
    return () =>
      new Promise((resolve) => {
        file.once('finish', resolve);
        child.kill();
      });
  }

  async query(sql: string): Promise<string> {
    return this.compose('exec', '-T', 'postgres', 'psql', '-U', 'postgres', '-d', 'musicdb', '-Atc', sql);
  }

  async publish(file: string): Promise<void> {
    await this.run(['docker', 'compose', 'run', '--rm', '-T', 'enrich', 'publish', '-'], file);
  }

  /** The command line as an operator runs it. */
  async enrich(...args: string[]): Promise<string> {
    return this.compose('run', '--rm', '-T', 'enrich', ...args);
  }

  async remove(): Promise<void> {
    await this.compose('--profile', 'tools', '--profile', 'demo', 'down', '--volumes', '--remove-orphans');
  }
}

const assignments = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
