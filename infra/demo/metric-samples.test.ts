import { openMetrics } from '../../shared/observability/metrics.ts';
import { parseSamples, sumsBy } from './metric-samples.ts';

test('what a worker exports is read back, label by label', async () => {
  const metrics = openMetrics({ version: '1', service: 'say "hello"' });
  metrics.lookUps.inc({ provider: 'tmdb', kind: 'hit' }, 3);
  metrics.lookUps.inc({ provider: 'tmdb', kind: 'miss' });
  metrics.lookUps.inc({ provider: 'spotify', kind: 'hit' }, 2);
  const samples = parseSamples(await metrics.registry.metrics());
  expect(sumsBy(samples, 'enrichment_look_ups_total', 'provider')).toEqual(
    new Map([
      ['tmdb', 4],
      ['spotify', 2],
    ]),
  );
  const build = samples.find(({ name }) => name === 'enrichment_build_info');
  expect(build?.labels['service']).toBe('say "hello"');
});

test('comments, broken lines and other metrics do not count', () => {
  const samples = parseSamples(
    '# HELP a_total text\na_total{p="x"} 1\na_total{p="x" 2\nb_total{p="x"} 4\n\n',
  );
  expect(sumsBy(samples, 'a_total', 'p')).toEqual(new Map([['x', 1]]));
});
