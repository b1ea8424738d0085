import type { AlertGroup } from '../alert.ts';

const still = 'enrichment_outbox_oldest_age_seconds{pipeline="tracks"}';
const due = 'enrichment_webhooks_oldest_due_age_seconds{state="due"}';

export const jobAlerts: AlertGroup = {
  name: 'enrichment.jobs',
  alerts: [
    {
      name: 'EnrichmentOutboxStuck',
      severity: 'critical',
      expr: 'max by (pipeline) (enrichment_outbox_oldest_age_seconds) > 60',
      for: '5m',
      summary:
        '{{ $labels.pipeline }}: a job has had nothing in the broker for {{ $value | humanizeDuration }}',
      description:
        'Jobs are accepted and not worked on: their tasks do not get from the database to the broker.',
      dashboard: 'enrichment-jobs',
      fires: {
        series: { [still]: '0+60x20' },
        at: '10m',
        labels: { pipeline: 'tracks' },
        summary: 'tracks: a job has had nothing in the broker for 10m 0s',
      },
      silent: { series: { [still]: '90x3 0 90x3 0x20' }, at: '10m' },
    },
    {
      name: 'EnrichmentWebhooksLate',
      severity: 'warning',
      expr: 'max(enrichment_webhooks_oldest_due_age_seconds) > 300',
      for: '10m',
      summary: 'a webhook should have been sent {{ $value | humanizeDuration }} ago',
      description: 'Applications hear late of the ends of their jobs, or ask for them again and again.',
      dashboard: 'enrichment-jobs',
      fires: {
        series: { [due]: '0+60x40' },
        at: '30m',
        summary: 'a webhook should have been sent 30m 0s ago',
      },
      silent: { series: { [due]: '0+60x10 0+60x10 0x20' }, at: '30m' },
    },
  ],
};
