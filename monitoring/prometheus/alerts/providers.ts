import type { AlertGroup } from '../alert.ts';

const HITS = 'enrichment_cache_hits_total{provider="spotify"}';
const MISSES = 'enrichment_cache_misses_total{provider="spotify"}';
const OK = 'enrichment_api_calls_total{provider="spotify",outcome="ok"}';
const SLOW_DOWN = 'enrichment_api_calls_total{provider="spotify",outcome="rate_limited"}';
const COST = 'enrichment_provider_cost_usd_total{provider="spotify"}';
const WAITING = 'enrichment_waiting_tasks{pipeline="tracks",lane="priority",stage="lastfm"}';
const state = (name: string): string => `enrichment_provider_state{provider="lastfm",state="${name}"}`;

export const providerAlerts: AlertGroup = {
  name: 'enrichment.providers',
  alerts: [
    {
      name: 'EnrichmentCacheHitRatioLow',
      severity: 'warning',
      expr: 'enrichment:cache_hit_ratio:rate15m < 0.60 and on (provider) sum by (provider) (rate(enrichment_cache_hits_total[15m]) + rate(enrichment_cache_misses_total[15m])) > 0.5',
      for: '30m',
      summary: '{{ $labels.provider }}: {{ $value | humanizePercentage }} of the answers came from the cache',
      description:
        'More requests than usual, so everything takes longer. Rightly so while new records come in.',
      dashboard: 'enrichment-providers',
      fires: {
        series: { [HITS]: '0+50x90', [MISSES]: '0+50x90' },
        at: '60m',
        labels: { provider: 'spotify' },
        summary: 'spotify: 50% of the answers came from the cache',
      },
      silent: { series: { [HITS]: '0+10x90', [MISSES]: '0+10x90' }, at: '60m' },
    },
    {
      name: 'EnrichmentProviderRateLimited',
      severity: 'warning',
      expr: 'enrichment:provider_429_ratio:rate5m > 0.05',
      for: '5m',
      summary:
        '{{ $labels.provider }} answers {{ $value | humanizePercentage }} of the requests with "slow down"',
      description:
        'Its limit is lower than ours, or somebody else uses the same credentials. The rate is halved each time.',
      dashboard: 'enrichment-providers',
      fires: {
        series: { [OK]: '0+90x60', [SLOW_DOWN]: '0+10x60' },
        at: '30m',
        labels: { provider: 'spotify' },
        summary: 'spotify answers 10% of the requests with "slow down"',
      },
      silent: { series: { [OK]: '0+98x60', [SLOW_DOWN]: '0+2x60' }, at: '30m' },
    },
    {
      name: 'EnrichmentProviderCircuitOpen',
      severity: 'critical',
      expr: 'max by (provider) (enrichment_provider_circuit_state{state="open"}) == 1',
      for: '5m',
      summary: '{{ $labels.provider }} has failed again and again for 5 minutes',
      description:
        'It is asked by one probe at a time. Tasks that need it wait, or go on without it after their patience.',
      dashboard: 'enrichment-providers',
      fires: {
        series: { 'enrichment_provider_circuit_state{provider="tmdb",state="open"}': '1x30' },
        at: '10m',
        labels: { provider: 'tmdb' },
        summary: 'tmdb has failed again and again for 5 minutes',
      },
      silent: {
        series: { 'enrichment_provider_circuit_state{provider="tmdb",state="open"}': '1x3 0 1x3 0 1x20' },
        at: '10m',
      },
    },
    {
      name: 'EnrichmentProviderHeld',
      severity: 'warning',
      expr: 'max by (provider, state) (enrichment_provider_state{state=~"paused|budget_spent|no_credentials|no_worker"}) == 1 and on (provider) label_replace(sum by (stage) (enrichment_waiting_tasks), "provider", "$1", "stage", "(.+)") > 0',
      for: '30m',
      summary: '{{ $labels.provider }} is not asked ({{ $labels.state }}), and tasks wait for it',
      description:
        'They wait until somebody resumes it, gives credentials, starts a worker, or the day of the budget ends.',
      dashboard: 'enrichment-providers',
      fires: {
        series: { [state('paused')]: '1x60', [WAITING]: '9x60' },
        at: '40m',
        labels: { provider: 'lastfm', state: 'paused' },
        summary: 'lastfm is not asked (paused), and tasks wait for it',
      },
      silent: { series: { [state('paused')]: '1x60', [WAITING]: '0x60' }, at: '40m' },
    },
    {
      name: 'EnrichmentSpendAnomaly',
      severity: 'warning',
      expr: 'sum by (provider) (increase(enrichment_provider_cost_usd_total[1h])) > 5 and sum by (provider) (increase(enrichment_provider_cost_usd_total[1h])) > 3 * sum by (provider) (increase(enrichment_provider_cost_usd_total[1h] offset 1d))',
      for: '15m',
      summary:
        '{{ $labels.provider }}: {{ $value | humanize }} dollars within an hour, over three times yesterday',
      description: 'Requests cost more than they did. Look for an import, a flushed cache, or a loop.',
      dashboard: 'enrichment-providers',
      fires: {
        series: { [COST]: '0+0.01x1500 15+0.5x120' },
        at: '1600m',
        labels: { provider: 'spotify' },
        summary: 'spotify: 30 dollars within an hour, over three times yesterday',
      },
      silent: { series: { [COST]: '0+0.5x1700' }, at: '1600m' },
    },
    {
      name: 'EnrichmentGateFallback',
      severity: 'warning',
      expr: 'sum by (provider) (rate(enrichment_gate_fallbacks_total[5m])) > 0',
      for: '5m',
      summary: '{{ $labels.provider }}: workers keep the limit each by itself, Redis does not answer',
      description:
        'Each worker takes its share of the rate as of the last time it knew. The sum is right while their number stays.',
      dashboard: 'enrichment-providers',
      fires: {
        series: { 'enrichment_gate_fallbacks_total{provider="tmdb",instance="w"}': '0+30x30' },
        at: '15m',
        labels: { provider: 'tmdb' },
        summary: 'tmdb: workers keep the limit each by itself, Redis does not answer',
      },
      silent: {
        series: { 'enrichment_gate_fallbacks_total{provider="tmdb",instance="w"}': '0x5 30x30' },
        at: '15m',
      },
    },
  ],
};
