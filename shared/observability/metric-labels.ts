/** What the labels of the metrics stand for, and which values they can have: docs/metrics.md says it to people. */
import type { METRICS } from './metric-definitions.ts';

type Label = (typeof METRICS)[keyof typeof METRICS]['labels'][number];

export const LABELS: Readonly<Record<Label, string>> = {
  queue: 'A queue of the topology. The rungs of the delay ladder count as the queues that they are.',
  outcome:
    'Of a publication: confirmed, returned, nacked, timeout. Of a task: enriched, not_found, ambiguous, dead, cancelled; ' +
    'on the way forwarded, deferred, retried. Of a request: ok, rate_limited, quota_exhausted, unavailable, auth, ' +
    'bad_request, forbidden, contract, aborted. Of the turn of a schedule: ok, failed, skipped. Of a webhook: ' +
    'delivered, retried, failed.',
  schedule: 'clean-up, progress, refresh-partial, refresh-stale, …',
  pipeline:
    'tracks, movies; of what waits also any: on the delay ladder and in the quarantine tasks of all are mixed.',
  lane: 'priority, backlog; of what waits also any.',
  stage: 'entry, the name of a provider, retry (the delay ladder) or quarantine.',
  provider: 'Name of a folder of shared/providers.',
  kind: 'Of a look-up: hit, miss, ambiguous. Of a stream: events, ws.',
  method: 'Of an HTTP request.',
  route: 'Path of the HTTP API with its parameters in place of their values, or none.',
  status:
    'Of an HTTP response. Of a job: receiving, queued, running, paused, cancelling; completed, completed_with_errors, ' +
    'failed, cancelled, expired.',
  reason:
    'Why a task is a dead letter: providers_failed, refused_row, poison, not_json, invalid, too_large, too_deep, ' +
    'unknown_version.',
  state:
    'Of a circuit: closed, open. Of a provider: open, paused, slowed_down, circuit_open, budget_spent, no_credentials, ' +
    'no_worker. Of a connection to Postgres: total, idle, waiting. Of a webhook that is not delivered: due, later (its next try).',
  use: 'What Redis was asked for: answer_cache, response_cache.',
  role: 'Which of the two connections of a process to the broker: publish, consume.',
  version: 'Of the release.',
  service: 'Name of the process.',
  node_version: 'Of Node.',
};
