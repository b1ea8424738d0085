import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeProblems } from './compose-files.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'compose-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The workers' file with one thing changed. */
function changed(from: string, to: string): readonly string[] {
  const text = readFileSync(join(ROOT, 'docker-compose.workers.yml'), 'utf8');
  if (!text.includes(from)) throw new Error(`the file has no ${from}`);
  writeFileSync(join(folder, 'file.yml'), text.replace(from, to));
  return composeProblems(folder, 'file.yml');
}

test.each(['docker-compose.yml', 'docker-compose.workers.yml'])(
  '%s is whole, published on loopback alone, and takes its secrets from files',
  (name) => {
    expect(composeProblems(ROOT, name)).toEqual([]);
  },
);

test.each([
  ['what docker-compose 1.29 refuses', 'services:', 'name: pipeline\nservices:', 'name'],
  ['a secret that nobody has', '- tmdb_token', '- other_token', 'names the secret other_token'],
  ['a port for everybody', '  pids_limit: 100', '  pids_limit: 100\n  ports: ["9464:9464"]', 'to everybody'],
  ['a log without end', '      max-size: 10m\n', '', 'grows for ever'],
  ['a container without limits', '  mem_limit: 512m\n', '', 'has no limits'],
  ['a password in the environment', "RABBITMQ_URL: ''", 'RABBITMQ_URL: amqp://a:b@c', 'in plain sight'],
])('%s is found', (_what, from, to, problem) => {
  expect(changed(from, to).join('\n')).toContain(problem);
});
