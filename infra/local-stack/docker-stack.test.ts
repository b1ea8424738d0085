import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startDockerStack, stopDockerStack } from './docker-stack.ts';
import type { Instance } from './instance.ts';

const folder = mkdtempSync(join(tmpdir(), 'docker-stack-'));
const path = process.env['PATH'] ?? '';
afterAll(() => {
  process.env['PATH'] = path;
  rmSync(folder, { recursive: true });
});

/** A docker command that notes how it is called and answers as the engine would. */
function setup({ upExit = 0, engine = true } = {}): {
  instance: Instance;
  calls: () => string;
} {
  const root = mkdtempSync(join(folder, 'clone-'));
  const bin = join(root, 'bin');
  mkdirSync(bin);
  const script = `#!/bin/sh
echo "$@" >> ${root}/calls
case "$*" in
  version*) exit ${engine ? 0 : 1} ;;
  *" up "*) exit ${upExit} ;;
  *" port rabbitmq 5672") echo 127.0.0.1:20001 ;;
  *" port rabbitmq 15672") echo 127.0.0.1:20002 ;;
  *" port redis "*) echo 127.0.0.1:20003 ;;
  *" port postgres "*) echo 127.0.0.1:20004 ;;
esac
`;
  writeFileSync(join(bin, 'docker'), script);
  chmodSync(join(bin, 'docker'), 0o755);
  process.env['PATH'] = `${bin}:${path}`;
  const instance = { root, name: 'main', id: 'enrichment-x-main', stateDir: root, dataDir: root };
  return { instance, calls: () => readFileSync(join(root, 'calls'), 'utf8') };
}
const options = { disposable: false, report: (): void => undefined };

test("the servers are awaited, and their addresses have the stack's password and the engine's ports", async () => {
  const { instance, calls } = setup();
  const state = await startDockerStack(instance, options);
  const word = readFileSync(join(instance.dataDir, 'password'), 'utf8');
  expect(state?.urls).toEqual({
    RABBITMQ_URL: `amqp://musicdb:${word}@127.0.0.1:20001/musicdb`,
    RABBITMQ_MANAGEMENT_URL: `http://musicdb:${word}@127.0.0.1:20002`,
    REDIS_URL: `redis://:${word}@127.0.0.1:20003/0`,
    DATABASE_URL: `postgres://musicdb_user:${word}@127.0.0.1:20004/musicdb`,
  });
  expect(calls()).toMatch(/--project-name enrichment-x-main up --detach --wait$/m);
  expect(calls()).not.toContain(word);
});

test('an engine that cannot start them counts as none, and what it had started is taken down', async () => {
  const { instance, calls } = setup({ upExit: 1 });
  expect(await startDockerStack(instance, options)).toBeUndefined();
  expect(calls()).toMatch(/ down\n$/);
});

test('without an engine that answers nothing is started', async () => {
  const { instance, calls } = setup({ engine: false });
  expect(await startDockerStack(instance, options)).toBeUndefined();
  expect(calls()).not.toMatch(/ up /);
});

test('stopping keeps the volumes unless the data is to go', async () => {
  const { instance, calls } = setup();
  await stopDockerStack(instance, false);
  await stopDockerStack(instance, true);
  expect(calls()).toMatch(/ down\n.* down --volumes\n$/);
});
