import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { currentEnvironment } from '../../shared/runtime/environment.ts';
import { isFree, freePorts } from '../local-stack/ports.ts';
import type { ProcessSpec } from './process-spec.ts';
import { StartError, SystemProcess } from './system-process.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'system-process-'));
const started: SystemProcess[] = [];
const NEVER = new AbortController().signal;

afterAll(async () => {
  for (const process of started) await process.stop();
  rmSync(folder, { recursive: true });
});

async function start(name: string, code: string, more: Partial<ProcessSpec> = {}) {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, code);
  const spec: ProcessSpec = { name, entry: relative(root, file), env: {}, graceMs: 10_000, ...more };
  const process = await SystemProcess.start(spec, {
    root,
    logDir: join(folder, 'logs'),
    env: { ...currentEnvironment(), NODE_OPTIONS: '' },
  });
  started.push(process);
  return { process, spec };
}

async function startServer(name: string, onTerm = '() => process.exit(0)') {
  const [port = 0] = await freePorts([undefined]);
  const serves = { what: name, url: `http://127.0.0.1:${port}`, readyPath: '/readyz' };
  const code = `
    import { createServer } from 'node:http';
    process.on('SIGTERM', ${onTerm});
    createServer((request, response) => response.writeHead(request.url === '/readyz' ? 200 : 404).end())
      .listen(${port}, '127.0.0.1');`;
  return { port, ...(await start(name, code, { serves, graceMs: 500 })) };
}

test('a process that serves is ready once its address answers, and is gone after stop', async () => {
  const { process, spec, port } = await startServer('server');
  await process.ready(spec, NEVER);
  expect(process.isRunning).toBe(true);
  await process.stop();
  await expect(process.ended).resolves.toBe('exit code 0');
  expect(await isFree(port)).toBe(true);
});

test('a process that ignores SIGTERM is killed when its grace is over', async () => {
  const { process, spec } = await startServer('stubborn', '() => undefined');
  await process.ready(spec, NEVER);
  await process.stop();
  await expect(process.ended).resolves.toBe('signal SIGKILL');
});

test('a process that serves nothing is ready when it has ended with 0', async () => {
  const { process, spec } = await start('once', 'process.exit(0)');
  await expect(process.ready(spec, NEVER)).resolves.toBeUndefined();
});

test('whoever waits for a process and does nothing else stays until it is ready', () => {
  const slow = join(folder, 'half-a-second.mjs');
  writeFileSync(slow, 'setTimeout(() => process.exit(0), 500)');
  const spec = { name: 'half-a-second', entry: relative(root, slow), env: {}, graceMs: 1_000 };
  const starter = join(folder, 'starter.mts');
  const place = { root, logDir: join(folder, 'logs'), env: { PATH: currentEnvironment()['PATH'] } };
  writeFileSync(
    starter,
    `import { SystemProcess } from '${pathToFileURL(join(import.meta.dirname, 'system-process.ts')).href}';
     const spec = ${JSON.stringify(spec)};
     SystemProcess.start(spec, ${JSON.stringify(place)})
       .then((process) => process.ready(spec, new AbortController().signal))
       .then(() => console.log('ready'));`,
  );
  const tsx = import.meta.resolve('tsx');
  const { stdout } = spawnSync(process.execPath, ['--import', tsx, starter], {
    encoding: 'utf8',
    env: { ...currentEnvironment(), NODE_OPTIONS: '' },
  });
  expect(stdout).toBe('ready\n');
});

test('a process that fails is reported with the last lines of its log', async () => {
  const { process, spec } = await start('broken', `console.error('no such queue'); process.exit(3)`);
  const failure = await process.ready(spec, NEVER).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StartError);
  expect((failure as Error).message).toMatch(
    /broken ended with exit code 3\. .*broken\.log:\n {2}no such queue/,
  );
});

test('waiting for a process ends with the reason of the signal', async () => {
  const { process, spec } = await start('slow', 'setInterval(() => undefined, 1000)');
  const controller = new AbortController();
  const ready = process.ready(spec, controller.signal);
  controller.abort(new Error('Ctrl-C'));
  await expect(ready).rejects.toThrow('Ctrl-C');
});

test('a process of an earlier run is found by its record, and its end is noticed', async () => {
  const { process } = await start('earlier', 'setInterval(() => undefined, 1000)');
  const adopted = SystemProcess.adopt(process.record);
  expect(adopted.isRunning).toBe(true);
  await process.stop();
  await adopted.ended;
  expect(adopted.isRunning).toBe(false);
});

test('what the specification says wins over the environment', async () => {
  const code = `process.exit(process.env.NAMED === 'by the specification' ? 0 : 1)`;
  const { process, spec } = await start('environment', code, { env: { NAMED: 'by the specification' } });
  await expect(process.ready(spec, NEVER)).resolves.toBeUndefined();
});
