import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Instance } from '../local-stack/instance.ts';
import { freePorts } from '../local-stack/ports.ts';
import { LocalSystem, type Crash } from './local-system.ts';
import { AlreadyRunning, oneAtATime } from './one-at-a-time.ts';
import type { ProcessSpec } from './process-spec.ts';
import { readRecord } from './system-record.ts';

const root = mkdtempSync(join(tmpdir(), 'local-system-'));
// The processes run in this root, and find tsx there.
symlinkSync(join(import.meta.dirname, '..', '..', 'node_modules'), join(root, 'node_modules'));
const opened: LocalSystem[] = [];
const MODE = { kind: 'live' } as const;
const SERVER = `
  import { createServer } from 'node:http';
  process.on('SIGTERM', () => process.exit(0));
  createServer((_, response) => response.end()).listen(Number(process.env.PORT), '127.0.0.1');`;

afterAll(async () => {
  for (const system of opened) await system.stop();
  rmSync(root, { recursive: true });
});

function instanceNamed(name: string): Instance {
  const stateDir = join(root, '.stack', name);
  mkdirSync(stateDir, { recursive: true });
  return { root, name, id: name, stateDir, dataDir: join(stateDir, 'data') };
}

async function server(name: string): Promise<ProcessSpec> {
  const [port = 0] = await freePorts([undefined]);
  return specOf(name, SERVER, { env: { PORT: String(port), NODE_OPTIONS: '' }, port });
}

function specOf(
  name: string,
  code: string,
  more: { env?: Record<string, string>; port: number },
): ProcessSpec {
  writeFileSync(join(root, `${name}.mjs`), code);
  const serves = { what: name, url: `http://127.0.0.1:${more.port}`, readyPath: '/' };
  return { name, entry: `${name}.mjs`, env: { NODE_OPTIONS: '', ...more.env }, serves, graceMs: 5_000 };
}

async function start(instance: Instance, waves: readonly (readonly ProcessSpec[])[]): Promise<LocalSystem> {
  const { signal } = new AbortController();
  const options = { instance, mode: MODE, servers: 'a', waves, report: () => undefined, signal };
  const system = await LocalSystem.start(options);
  opened.push(system);
  return system;
}

test('a start that fails leaves nothing running and no record', async () => {
  const instance = instanceNamed('failing');
  const good = await server('good');
  const bad = specOf('bad', 'process.exit(1)', { port: 1 });
  await expect(start(instance, [[good], [bad]])).rejects.toThrow('bad ended with exit code 1');
  expect(readRecord(instance)).toBeUndefined();
  await expect(fetch(good.serves!.url)).rejects.toThrow();
});

test('a system that was kept is found by the next run, and stopped by it', async () => {
  const instance = instanceNamed('kept');
  await start(instance, [[await server('kept')]]);
  const found = LocalSystem.find(instance, { mode: MODE, servers: 'a' });
  expect([...(found?.urls.keys() ?? [])]).toEqual(['kept']);
  await expect(LocalSystem.clear(instance)).resolves.toEqual(['kept']);
  expect(LocalSystem.find(instance, { mode: MODE, servers: 'a' })).toBeUndefined();
});

test('a system with other servers or other providers is not taken for this one', async () => {
  const instance = instanceNamed('other');
  await start(instance, [[await server('other')]]);
  expect(LocalSystem.find(instance, { mode: MODE, servers: 'b' })).toBeUndefined();
  const mode = { kind: 'sandbox', speed: 1, latency: 1 } as const;
  expect(LocalSystem.find(instance, { mode, servers: 'a' })).toBeUndefined();
});

test('a process that ends by itself is reported, one that is stopped is not', async () => {
  const instance = instanceNamed('crashing');
  const system = await start(instance, [[await server('stays'), await server('dies')]]);
  const crash = new Promise<Crash>((resolve) => {
    system.onCrash(resolve);
  });
  const dying = system.processes.find(({ record }) => record.name === 'dies');
  process.kill(dying!.record.identity.pid, 'SIGKILL');
  expect(await crash).toEqual({ process: dying, ending: 'signal SIGKILL' });
  const later: Crash[] = [];
  system.onCrash((one) => later.push(one));
  await system.stop();
  await Promise.all(system.processes.map(({ ended }) => ended));
  expect(later).toEqual([]);
});

test('a second run of the same instance is refused while the first one runs, and not after it', async () => {
  const instance = instanceNamed('twice');
  await oneAtATime(instance, async () => {
    await expect(oneAtATime(instance, () => Promise.resolve())).rejects.toBeInstanceOf(AlreadyRunning);
  });
  await expect(oneAtATime(instance, () => Promise.resolve('done'))).resolves.toBe('done');
});
