/** A Prometheus of the check's own, with the rules and the configuration that are deployed. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { prometheusFiles } from '../../monitoring/prometheus/files.ts';
import { scrapeConfig, type ScrapeTargets } from '../../monitoring/prometheus/scrape-config.ts';
import { installCommand, installPackages } from '../local-stack/debian-packages.ts';
import { freePorts } from '../local-stack/ports.ts';
import {
  plainEnvironment,
  type ProcessIdentity,
  startProcess,
  stopProcess,
} from '../local-stack/server-process.ts';
import { lastLines } from '../local-system/log-file.ts';
import type { Check } from './checks.ts';

/** `value`: a number that is none (0 / 0) counts as no data, whoever looks sees an empty panel. */
export type Answer =
  | { readonly kind: 'value' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'error'; readonly message: string };

const READY_MS = 30_000;
const POLL_MS = 100;
const ANSWER_MS = 10_000;
const GRACE_MS = 5_000;
const RANGE_SECONDS = 120;
const STEP_SECONDS = 5;

interface Sample {
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}
interface Reply {
  readonly status: string;
  readonly error?: string;
  /** A scalar is a pair of its own. */
  readonly data: { readonly result: readonly Sample[] | Sample['value'] };
}
interface RulesReply {
  readonly data: {
    readonly groups: readonly { readonly rules: readonly { name: string; lastError?: string }[] }[];
  };
}

export class PrometheusServer {
  readonly #url: string;
  readonly #folder: string;
  readonly #process: ProcessIdentity;

  private constructor(url: string, folder: string, process: ProcessIdentity) {
    this.#url = url;
    this.#folder = folder;
    this.#process = process;
  }

  /** Installs the program where it may and must. Resolves when queries are answered; rejects with the end of its log. */
  static async start(targets: ScrapeTargets, say: (line: string) => void): Promise<PrometheusServer> {
    if (!isInstalled() && !(await installPackages(['prometheus'], say)))
      throw new Error(`Prometheus is not on this machine: ${installCommand(['prometheus'])}`);
    const folder = mkdtempSync(join(tmpdir(), 'enrichment-prometheus-'));
    const rules = prometheusFiles().filter(([path]) => /-(rules|alerts)\.yml$/.test(path));
    const names = rules.map(([path]) => basename(path));
    for (const [path, text] of rules) writeFileSync(join(folder, basename(path)), text);
    writeFileSync(join(folder, 'prometheus.yml'), scrapeConfig(targets, names));
    const [port = 0] = await freePorts([undefined]);
    const process = await startProcess({
      program: 'prometheus',
      args: [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
      ],
      env: plainEnvironment(),
      cwd: folder,
      logFile: join(folder, 'server.log'),
    });
    const server = new PrometheusServer(`http://127.0.0.1:${port}`, folder, process);
    try {
      await server.#untilReady();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Whether it has data for the expression now. Never rejects. */
  async ask({ expr, isRange }: Check): Promise<Answer> {
    const end = Date.now() / 1_000;
    const range = {
      query: expr,
      start: String(end - RANGE_SECONDS),
      end: String(end),
      step: String(STEP_SECONDS),
    };
    const form = new URLSearchParams(isRange ? range : { query: expr });
    try {
      const reply = await this.#post<Reply>(isRange ? 'query_range' : 'query', form);
      if (reply.status !== 'success') return { kind: 'error', message: reply.error ?? reply.status };
      return { kind: numbersIn(reply.data.result).some((one) => one !== 'NaN') ? 'value' : 'empty' };
    } catch (error) {
      return { kind: 'error', message: (error as Error).message };
    }
  }

  /** Rules that could not be evaluated when they were the last time, with the reason. */
  async failedRules(): Promise<readonly string[]> {
    const response = await fetch(`${this.#url}/api/v1/rules`, { signal: AbortSignal.timeout(ANSWER_MS) });
    const { groups } = ((await response.json()) as RulesReply).data;
    return groups
      .flatMap(({ rules }) => rules)
      .filter(({ lastError = '' }) => lastError !== '')
      .map(({ name, lastError = '' }) => `rule ${name} cannot be evaluated: ${lastError}`);
  }

  /** Its data goes with it. */
  async stop(): Promise<void> {
    await stopProcess(this.#process, 'SIGTERM', GRACE_MS);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #post<T>(path: string, form: URLSearchParams): Promise<T> {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const response = await fetch(`${this.#url}/api/v1/${path}`, { method: 'POST', body: form, signal });
    return (await response.json()) as T;
  }

  async #untilReady(): Promise<void> {
    for (const until = Date.now() + READY_MS; Date.now() < until;) {
      const response = await fetch(`${this.#url}/-/ready`).catch(() => undefined);
      await response?.body?.cancel();
      if (response?.ok === true) return;
      await wait(POLL_MS);
    }
    const log = lastLines(join(this.#folder, 'server.log'), 10).join('\n');
    throw new Error(`Prometheus does not come up within ${READY_MS / 1_000} s:\n${log}`);
  }
}

const isInstalled = (): boolean => spawnSync('prometheus', ['--version']).status === 0;

function numbersIn(result: Reply['data']['result'] = []): readonly string[] {
  return result.flatMap((one) => {
    if (typeof one === 'number') return [];
    if (typeof one === 'string') return [one];
    const { value, values = [] } = one;
    return [...values, ...(value === undefined ? [] : [value])].map(([, number]) => number);
  });
}
