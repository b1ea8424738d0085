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

const composeConfig = {
  services: {
    rabbitmq: { environment: { RABBITMQ_DEFAULT_USER: 'musicdb', RABBITMQ_DEFAULT_PASS: 'p/w' } },
    redis: {},
    postgres: { environment: { POSTGRES_USER: 'owner', POSTGRES_PASSWORD: 'word', POSTGRES_DB: 'musicdb' } },
  },
};

/** A docker command that notes how it is called and answers as the engine would. */
function setup({ upExit = 0, engine = true, composeFile = true } = {}): {
  instance: Instance;
  calls: () => string;
} {
  const root = mkdtempSync(join(folder, 'clone-'));
  const bin = join(root, 'bin');
  mkdirSync(bin);
  if (composeFile) writeFileSync(join(root, 'docker-compose.yml'), 'services: {}\n');
  writeFileSync(join(root, 'config.json'), JSON.stringify(composeConfig));
  const script = `#!/bin/sh
echo "$@" >> ${root}/calls
case "$*" in
  version*) exit ${engine ? 0 : 1} ;;
  *" up "*) exit ${upExit} ;;
  *config*) cat ${root}/config.json ;;
  *" port rabbitmq 5672") echo 0.0.0.0:20001 ;;
  *" port rabbitmq 15672") echo 127.0.0.1:20002 ;;
  *" port redis "*) echo 0.0.0.0:20003 ;;
  *" port postgres "*) echo 0.0.0.0:20004 ;;
esac
`;
  writeFileSync(join(bin, 'docker'), script);
  chmodSync(join(bin, 'docker'), 0o755);
  process.env['PATH'] = `${bin}:${path}`;
  const instance = { root, name: 'main', id: 'enrichment-x-main', stateDir: root, dataDir: root };
  return { instance, calls: () => readFileSync(join(root, 'calls'), 'utf8') };
}
const silent = (): void => undefined;

test("the compose file's servers are awaited, and their addresses come from its settings and ports", async () => {
  const { instance, calls } = setup();
  const state = await startDockerStack(instance, silent);
  expect(state?.urls).toEqual({
    RABBITMQ_URL: 'amqp://musicdb:p%2Fw@127.0.0.1:20001/%2F',
    RABBITMQ_MANAGEMENT_URL: 'http://musicdb:p%2Fw@127.0.0.1:20002',
    REDIS_URL: 'redis://127.0.0.1:20003/0',
    DATABASE_URL: 'postgres://owner:word@127.0.0.1:20004/musicdb',
  });
  expect(calls()).toMatch(/--project-name enrichment-x-main up --detach --wait rabbitmq redis postgres/);
});

test('an engine that cannot start them counts as none, and what it had started is taken down', async () => {
  const { instance, calls } = setup({ upExit: 1 });
  expect(await startDockerStack(instance, silent)).toBeUndefined();
  expect(calls()).toMatch(/ down\n$/);
});

test('without an engine that answers nothing is started', async () => {
  const { instance, calls } = setup({ engine: false });
  expect(await startDockerStack(instance, silent)).toBeUndefined();
  expect(calls()).not.toMatch(/ up /);
});

test('without a compose file the engine is not even asked', async () => {
  const { instance, calls } = setup({ composeFile: false });
  expect(await startDockerStack(instance, silent)).toBeUndefined();
  expect(calls).toThrow('ENOENT');
});

test('stopping keeps the volumes unless the data is to go', async () => {
  const { instance, calls } = setup();
  await stopDockerStack(instance, false);
  await stopDockerStack(instance, true);
  expect(calls()).toMatch(/ down\n.* down --volumes\n$/);
});
