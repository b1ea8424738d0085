import { z } from 'zod';
import { hasEnded } from '../../../shared/postgres/jobs/job.ts';
import { HttpProblem } from '../http/problem.ts';
import { type Route, route, STREAMED } from '../http/route.ts';
import { streamEvents } from '../jobs/event-stream.ts';
import type { Resources } from '../resources.ts';
import { jobParams as params, loadJob } from './jobs.ts';

const TAG = 'jobs';

const query = z.strictObject({
  last_event_id: z.coerce.number().int().min(0).optional().describe('As the header Last-Event-ID.'),
});

const MESSAGES = `\`job.progress\` says how far it is, at most twice a second; \`job.queued\`, \`job.paused\`, \`job.resumed\`,
\`job.cancelling\`, \`job.completed\`, \`job.failed\`, \`job.cancelled\`, \`job.expired\` and \`job.amended\` are said once each. The id of
a message rises with every change of the job and is the same at every replica. \`end\` says that nothing more will come.`;

export const jobEventRoutes = (resources: Resources): readonly Route[] => [
  eventRoute(resources),
  socketRoute(resources),
];

const eventRoute = (resources: Resources): Route =>
  route({
    method: 'get',
    path: '/v1/jobs/{id}/events',
    name: 'streamJobEvents',
    tag: TAG,
    summary: 'How a job goes, as Server-Sent Events.',
    description: MESSAGES,
    scope: 'viewer',
    params,
    query,
    headers: { 'Last-Event-ID': 'What came later is told; browsers send it by themselves.' },
    answers: {
      200: { description: 'A stream that ends with the job.', types: ['text/event-stream'] },
      204: { description: 'The job has ended, and everything of it was told: do not come back.' },
    },
    problems: ['too_many_streams'],
    handle: async ({
      params: { id },
      query: { last_event_id: asked },
      principal,
      request,
      response,
      signal,
    }) => {
      const job = await loadJob(resources, id, principal);
      const header = Number(request.get('last-event-id') ?? Number.NaN);
      const after = asked ?? (Number.isSafeInteger(header) && header >= 0 ? header : -1);
      // A browser's event source only stops at 204.
      if (hasEnded(job.status) && after >= job.revision) return { status: 204 };
      const { watch, metrics, limits } = resources;
      if (watch.size >= limits.maxStreams) {
        const detail = 'This process tells as many clients as it can: come back, or ask for the status.';
        throw new HttpProblem('too_many_streams', detail, { retryAfter: 10 });
      }
      metrics.httpStreams.inc({ kind: 'events' });
      await streamEvents(response, { jobId: id, after, watch, signal });
      metrics.httpStreams.dec({ kind: 'events' });
      return STREAMED;
    },
  });

const socketRoute = (resources: Resources): Route =>
  route({
    method: 'get',
    path: '/v1/jobs/{id}/ws',
    name: 'watchJob',
    tag: TAG,
    summary: 'The same messages over a WebSocket.',
    description:
      'JSON with `id`, `event` and `data`. A browser names its key among the protocols: `new WebSocket(url, ["enrichment.v1", "key.enr_…"])`. `?last_event_id=` goes on after a message.',
    scope: 'viewer',
    params,
    query,
    answers: { 101: { description: 'The protocol is switched.' } },
    problems: ['upgrade_required'],
    handle: async ({ params: { id }, principal }) => {
      await loadJob(resources, id, principal);
      throw new HttpProblem('upgrade_required', 'This path is a WebSocket.', {
        headers: { upgrade: 'websocket', connection: 'Upgrade' },
      });
    },
  });
