/** `enrich keys` as an operator types it, and what the API makes of the keys. */
import { enrich } from './faults/command.ts';
import { openTestApi, type TestApi } from './api/test-api.ts';
import { openTestPipeline, type TestPipeline } from './pipeline.ts';

let pipeline: TestPipeline;
let api: TestApi;

beforeAll(async () => {
  pipeline = await openTestPipeline();
  api = await openTestApi(pipeline);
});

afterAll(async () => {
  await api.close();
  await pipeline.close();
});

const keys = (...args: string[]) => enrich(['keys', ...args], pipeline.env);

const statusWith = async (key: string): Promise<number> =>
  (await fetch(`${api.url}/v1/jobs`, { headers: { authorization: `Bearer ${key}` } })).status;

test('a key is made, listed without its secret, rotated and revoked; the API lets in those that count', async () => {
  const made = await keys('create', '--name', 'shop', '--owner', 'shop', '--scope', 'viewer', '--json');
  const { key, key_id: keyId } = JSON.parse(made.out) as { key: string; key_id: string };
  expect(made.ending).toBe('exit code 0');
  expect(await statusWith(key)).toBe(200);
  const listed = await keys('list');
  expect(listed.out).toContain(keyId);
  expect(listed.out).not.toContain(key);

  const rotated = await keys('rotate', keyId, '--overlap', '1h');
  const next = rotated.out.trim();
  expect(rotated.err).toContain(`${keyId} counts for 60 min more`);
  expect([await statusWith(key), await statusWith(next)]).toEqual([200, 200]);

  // Nobody has shown this one yet: a key that was shown is remembered for seconds.
  const other = JSON.parse((await keys('create', '--name', 'gone', '--json')).out) as {
    key: string;
    key_id: string;
  };
  expect((await keys('revoke', other.key_id)).ending).toBe('exit code 0');
  expect(await statusWith(other.key)).toBe(401);
}, 60_000);

test('what there is not, and what makes no sense, has the exit codes that scripts know', async () => {
  expect((await keys('revoke', 'nothing1')).ending).toBe('exit code 5');
  expect((await keys('rotate', 'nothing1')).ending).toBe('exit code 5');
  expect((await keys('create', '--name', 'x', '--scope', 'emperor')).ending).toBe('exit code 2');
}, 60_000);
