import { type DashboardSpec, own } from '../dashboard.ts';

const ONE = 'provider=~"$provider"';
const rateBy = (by: string, metric: string): string =>
  `sum by (${by}) (rate(${own(metric, ONE)}[$__rate_interval]))`;

export const providersDashboard: DashboardSpec = {
  uid: 'enrichment-providers',
  title: 'Enrichment: providers',
  description: 'What is asked, what of the limits is used, what the caches spare, and what it costs.',
  variables: [{ name: 'provider', metric: 'enrichment_api_calls_total' }],
  rows: [
    {
      title: 'Limits',
      panels: [
        {
          title: 'Limit used',
          description:
            'Requests of the last minute of those that were allowed. Near 1 while something waits: as fast as can be.',
          unit: 'percentunit',
          queries: [
            {
              expr: `1 - enrichment_provider_rate_limit_remaining{${ONE}} / enrichment_provider_rate_limit_limit{${ONE}}`,
              legend: '{{provider}}',
            },
          ],
        },
        {
          title: 'Allowed now',
          description: 'Requests a minute: the rate in force times what was learned from "slow down".',
          unit: 'short',
          queries: [{ expr: `enrichment_provider_rate_limit_limit{${ONE}}`, legend: '{{provider}}' }],
        },
        {
          title: 'Done in',
          description: 'Until everything that waits for the provider is asked.',
          unit: 's',
          queries: [{ expr: `enrichment_provider_eta_seconds{${ONE}}`, legend: '{{provider}}' }],
        },
        {
          title: 'Not open',
          description:
            '1 for each provider that is not asked freely, and why: paused, slowed down, circuit open, budget spent, no credentials, no worker.',
          unit: 'bool',
          queries: [
            {
              expr: `max by (provider, state) (enrichment_provider_state{${ONE},state!="open"})`,
              legend: '{{provider}} {{state}}',
            },
          ],
          thresholds: { warn: 1, bad: 1 },
        },
        {
          title: 'Learned factor',
          description: 'Share of the rate: halved by a 429, then raised step by step.',
          unit: 'percentunit',
          queries: [{ expr: `enrichment_provider_rate_factor{${ONE}}`, legend: '{{provider}}' }],
          thresholds: { warn: 1, bad: 0.5, falls: true },
        },
        {
          title: 'Wait for a slot',
          description: 'At the gate, 95 %.',
          unit: 's',
          queries: [
            {
              expr: `histogram_quantile(0.95, ${rateBy('le, provider', 'enrichment_provider_rate_limit_wait_seconds_bucket')})`,
              legend: '{{provider}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Requests',
      panels: [
        {
          title: 'Requests by outcome',
          description: 'A second.',
          unit: 'reqps',
          stacked: true,
          queries: [{ expr: rateBy('outcome', 'enrichment_api_calls_total'), legend: '{{outcome}}' }],
        },
        {
          title: 'Latency',
          description: 'Of a request, 50 and 95 %.',
          unit: 's',
          queries: [0.5, 0.95].map((quantile) => ({
            expr: `histogram_quantile(${quantile}, ${rateBy('le, provider', 'enrichment_provider_request_duration_seconds_bucket')})`,
            legend: `{{provider}} p${quantile * 100}`,
          })),
        },
        {
          title: '"Slow down"',
          description: 'Share of the requests that were answered with 429. Over 5 % is an alert.',
          unit: 'percentunit',
          queries: [{ expr: `enrichment:provider_429_ratio:rate5m{${ONE}}`, legend: '{{provider}}' }],
          thresholds: { warn: 0.01, bad: 0.05 },
        },
        {
          title: 'Look-ups',
          description: 'What they came to.',
          unit: 'ops',
          stacked: true,
          queries: [
            { expr: rateBy('provider, kind', 'enrichment_look_ups_total'), legend: '{{provider}} {{kind}}' },
          ],
        },
        {
          title: 'Redis away',
          description:
            'Slots that workers gave each by itself. Not 0: limits hold only while the number of workers stays.',
          unit: 'ops',
          queries: [{ expr: rateBy('provider', 'enrichment_gate_fallbacks_total'), legend: '{{provider}}' }],
          thresholds: { warn: 0.01, bad: 1 },
        },
        {
          title: 'Budget left',
          description: 'Requests of today; only of providers with a daily budget.',
          unit: 'short',
          queries: [{ expr: `enrichment_provider_budget_remaining{${ONE}}`, legend: '{{provider}}' }],
        },
      ],
    },
    {
      title: 'Caches and cost',
      panels: [
        {
          title: 'Answer cache',
          description: 'Share of the answers that came from it. The target is over 60 %.',
          unit: 'percentunit',
          queries: [{ expr: `enrichment:cache_hit_ratio:rate15m{${ONE}}`, legend: '{{provider}}' }],
          thresholds: { warn: 0.6, bad: 0.3, falls: true },
        },
        {
          title: 'Requests spared',
          description: 'By the cache of responses, beneath that of answers.',
          unit: 'ops',
          queries: [
            { expr: rateBy('provider', 'enrichment_response_cache_hits_total'), legend: '{{provider}}' },
          ],
        },
        {
          title: 'Cost of an hour',
          description: 'Price of the requests, as the definitions of the providers say.',
          unit: 'currencyUSD',
          queries: [
            {
              expr: `sum by (provider) (increase(${own('enrichment_provider_cost_usd_total', ONE)}[1h]))`,
              legend: '{{provider}}',
            },
          ],
        },
      ],
    },
  ],
};
