import { spawnSync } from 'node:child_process';
import { freePorts } from '../../infra/local-stack/ports.ts';
import { currentEnvironment } from '../../shared/runtime/environment.ts';

function queueInit(env: Record<string, string>): { status: number | null; stderr: string } {
  return spawnSync(process.execPath, ['--import', 'tsx', 'services/queue-init/main.ts'], {
    env: { ...currentEnvironment(), ...env },
    encoding: 'utf8',
  });
}

test('a broker that cannot be reached is told with its address and the reason, without the password', async () => {
  const [port = 0] = await freePorts([undefined]);
  const RABBITMQ_URL = `amqp://somebody:hidden-word@127.0.0.1:${port}/music`;
  const { status, stderr } = queueInit({ RABBITMQ_URL, QUEUE_INIT_WAIT_SECONDS: '1' });
  expect(status).toBe(1);
  expect(stderr).toContain(`RabbitMQ at 127.0.0.1:${port}/music could not be used within 1 s`);
  expect(stderr).toContain('ECONNREFUSED');
  expect(stderr).not.toContain('hidden-word');
});
