import { openTestDatabase, type TestDatabase } from '../../tests/harness.ts';
import { openPool, type Pool } from './pool.ts';
import { findProviderState, saveProviderState } from './provider-state.ts';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await openTestDatabase();
  pool = openPool({ url: database.url, max: 2, applicationName: 'test' });
});

afterAll(async () => {
  await pool.end();
  await database.close();
});

const open = { pausedUntil: 0, reason: '', factor: 1, day: 20_700, used: 5 };

test('a provider that was never seen is not known', async () => {
  expect(await findProviderState(pool, 'unseen')).toBeUndefined();
});

test('what was saved is found again', async () => {
  const closed = { ...open, pausedUntil: 1_795_000_000_123, reason: 'quota_exhausted', factor: 0.5 };
  await saveProviderState(pool, 'closed', closed);
  expect(await findProviderState(pool, 'closed')).toEqual(closed);
  await saveProviderState(pool, 'closed', open);
  expect(await findProviderState(pool, 'closed')).toEqual(open);
});

test('the requests of a day never fall by what a worker saw earlier, and begin anew on the next', async () => {
  await saveProviderState(pool, 'counted', open);
  await saveProviderState(pool, 'counted', { ...open, used: 3 });
  expect((await findProviderState(pool, 'counted'))?.used).toBe(5);
  await saveProviderState(pool, 'counted', { ...open, day: 20_699, used: 900 });
  expect(await findProviderState(pool, 'counted')).toMatchObject({ day: 20_700, used: 5 });
  await saveProviderState(pool, 'counted', { ...open, day: 20_701, used: 1 });
  expect(await findProviderState(pool, 'counted')).toMatchObject({ day: 20_701, used: 1 });
});
