import { counter, gauge, histogram } from './metric-kinds.ts';

const HTTP_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5, 30];

/** Of the HTTP API. */
export const httpMetrics = {
  httpRequests: counter('enrichment_http_requests_total', 'Requests to the HTTP API, by how they ended.', [
    'method',
    'route',
    'status',
  ]),
  httpRequestSeconds: histogram(
    'enrichment_http_request_duration_seconds',
    'From the head of a request to the end of its response; streams last as long as they are watched.',
    ['method', 'route'],
    HTTP_SECONDS,
  ),
  httpStreams: gauge('enrichment_http_streams', 'Clients that watch a job now.', ['kind']),
};
