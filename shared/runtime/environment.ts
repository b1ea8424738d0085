/**
 * The environment, read in one place. A process declares its settings as data: the same list parses the values, makes
 * docs/configuration.md and checks .env.example.
 */
import { readFileSync } from 'node:fs';

export interface Setting<T> {
  readonly key: string;
  readonly doc: string;
  /** Raw text that is parsed when the key is not set; absent = the setting is required. */
  readonly default?: string;
  /** Never printed; may also be given as a file named by `<KEY>_FILE`. */
  readonly secret: boolean;
  /** Completes "expected …" in the error and the table of the docs. */
  readonly expected: string;
  /** Throws to refuse the value. */
  parse(raw: string): T;
}

export type SettingSpecs = Record<string, Setting<unknown>>;
export type Settings<Specs extends SettingSpecs> = {
  readonly [Name in keyof Specs]: Specs[Name] extends Setting<infer T> ? T : never;
};
export type Environment = Readonly<Record<string, string | undefined>>;

/** Thrown when the environment does not hold what a process needs: it names every bad key at once; the process exits 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`configuration:\n  ${problems.join('\n  ')}`);
    this.problems = problems;
  }
}

/** Parses all settings and reports all problems together. The result is frozen. */
export function readSettings<Specs extends SettingSpecs>(
  specs: Specs,
  env: Environment = process.env,
): Settings<Specs> {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, setting] of Object.entries(specs)) {
    try {
      values[name] = parseSetting(setting, env);
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(values) as Settings<Specs>;
}

function parseSetting(setting: Setting<unknown>, env: Environment): unknown {
  const raw = rawValue(setting, env);
  if (raw === undefined) throw new Error(`${setting.key}: is required, expected ${setting.expected}`);
  try {
    return setting.parse(raw);
  } catch {
    const shown = setting.secret ? 'a value of another form' : `'${raw}'`;
    throw new Error(`${setting.key}: expected ${setting.expected}, got ${shown}`);
  }
}

function rawValue(setting: Setting<unknown>, env: Environment): string | undefined {
  const value = env[setting.key];
  if (value !== undefined && value !== '') return value;
  const file = setting.secret ? env[`${setting.key}_FILE`] : undefined;
  if (file !== undefined && file !== '') {
    try {
      return readFileSync(file, 'utf8').trim();
    } catch (error) {
      throw new Error(
        `${setting.key}_FILE: cannot read '${file}' (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`,
        {
          cause: error,
        },
      );
    }
  }
  return setting.default;
}

/** The whole environment, for handing it on to a child process. */
export const currentEnvironment = (): Environment => ({ ...process.env });

/** What is set here counts for this process and its children, as if it had been there from the start. */
export function provideEnvironment(values: Readonly<Record<string, string>>): void {
  Object.assign(process.env, values);
}

interface Options {
  doc: string;
  default?: string;
}
const setting = <T>(
  key: string,
  options: Options & { secret?: boolean },
  expected: string,
  parse: (raw: string) => T,
): Setting<T> => ({
  key,
  doc: options.doc,
  ...(options.default === undefined ? {} : { default: options.default }),
  secret: options.secret ?? false,
  expected,
  parse,
});

export function integer(key: string, options: Options & { min: number; max: number }): Setting<number> {
  return setting(key, options, `an integer ${options.min}–${options.max}`, (raw) => {
    const value = Number(raw);
    if (!/^-?\d+$/.test(raw.trim()) || value < options.min || value > options.max) throw new RangeError(raw);
    return value;
  });
}

export function decimal(key: string, options: Options & { min: number; max: number }): Setting<number> {
  return setting(key, options, `a number ${options.min}–${options.max}`, (raw) => {
    const value = Number(raw);
    if (raw.trim() === '' || !(value >= options.min && value <= options.max)) throw new RangeError(raw);
    return value;
  });
}

export const text = (key: string, options: Options): Setting<string> =>
  setting(key, options, 'text', (raw) => raw);

/** Empty when it is not given: a secret is never required, its absence means "not configured". */
export const secret = (key: string, options: { doc: string }): Setting<string> =>
  setting(key, { ...options, default: '', secret: true }, 'text', (raw) => raw);

export function url(
  key: string,
  options: Options & { protocols?: readonly string[]; secret?: boolean },
): Setting<string> {
  const protocols = options.protocols ?? ['http:', 'https:'];
  return setting(key, options, `a URL (${protocols.join(' or ')}…)`, (raw) => {
    if (raw === '') return raw;
    if (!protocols.includes(new URL(raw).protocol)) throw new TypeError('protocol');
    return raw.replace(/\/+$/, '');
  });
}

export function choice<const T extends string>(
  key: string,
  options: Options & { of: readonly T[] },
): Setting<T> {
  return setting(key, options, `one of ${options.of.join(', ')}`, (raw) => {
    const found = options.of.find((one) => one === raw);
    if (found === undefined) throw new RangeError(raw);
    return found;
  });
}

export function list<const T extends string>(
  key: string,
  options: Options & { of: readonly T[] },
): Setting<readonly T[]> {
  return setting(key, options, `a comma-separated list of ${options.of.join(', ')}`, (raw) => {
    const names = raw.split(',').map((name) => name.trim());
    const found = options.of.filter((one) => names.includes(one));
    if (found.length !== new Set(names).size || found.length === 0) throw new RangeError(raw);
    return found;
  });
}

export interface Rate {
  readonly count: number;
  readonly windowMs: number;
}

const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30/30s`, `1/1100ms`, `25/s`. */
export function parseRate(raw: string): Rate {
  const match = /^(\d+)\/(\d*)(ms|s|m|h|d)$/.exec(raw.trim());
  const count = Number(match?.[1]);
  const windowMs = Number(match?.[2] === '' ? 1 : match?.[2]) * (UNIT_MS[match?.[3] ?? ''] ?? Number.NaN);
  if (!(count > 0 && windowMs > 0)) throw new RangeError(raw);
  return { count, windowMs };
}

export const rate = (key: string, options: Options): Setting<Rate> =>
  setting(key, options, 'requests per window, such as 30/30s or 25/s', parseRate);
