import { openMetrics } from '../../shared/observability/metrics.ts';
import { initialiseSeries } from './initial-series.ts';

test('every count that can be expected is there with 0 before anything has happened', async () => {
  const metrics = openMetrics({ version: '1', service: 'tests' });
  initialiseSeries(metrics, { lanes: ['backlog'], providers: ['spotify'] });
  const text = await metrics.registry.metrics();
  expect(text).toContain(
    'enrichment_tasks_processed_total{pipeline="movies",lane="backlog",outcome="dead"} 0',
  );
  expect(text).toContain('enrichment_api_calls_total{provider="spotify",outcome="rate_limited"} 0');
  expect(text).toContain('enrichment_cache_hits_total{provider="spotify"} 0');
  expect(text).toContain('enrichment_redeliveries_total{queue="enrichment_spotify_backlog"} 0');
  expect(text).not.toContain('lane="priority"');
});
