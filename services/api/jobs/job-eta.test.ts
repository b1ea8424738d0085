import type { ProviderReport } from '../../../shared/controls/provider-report.ts';
import type { Job } from '../../../shared/postgres/jobs/job.ts';
import { etaByProvider } from './job-eta.ts';

const counts = { total: 100, processed: 10, failed: 0, fed: 20 } as Job['counts'];
const job = { pipeline: 'movies', counts } as Job;
const tmdb = {
  name: 'tmdb',
  mode: 'live',
  rate: { count: 10, windowMs: 1_000 },
  factor: 0.5,
  etaSeconds: 4,
} as ProviderReport;

test('a job waits for what stands at its first provider, and then for its own rows at the rate in force', () => {
  expect(etaByProvider(job, [tmdb])).toBe(4 + (90 - 20) / 5);
});

test('nobody can tell while the provider is closed or nothing is known of it', () => {
  const { etaSeconds: _, ...closed } = tmdb;
  expect(etaByProvider(job, [closed])).toBeUndefined();
  expect(etaByProvider(job, [])).toBeUndefined();
});

test('a provider that is off is passed over, and the wish of the job counts more than the chain', () => {
  expect(etaByProvider(job, [{ ...tmdb, mode: 'off' }])).toBeUndefined();
  expect(etaByProvider({ ...job, providers: ['spotify'] }, [tmdb])).toBeUndefined();
});
