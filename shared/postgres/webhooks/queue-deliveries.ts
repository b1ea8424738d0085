/** What is to be told is written where it happens: SQL that follows the events of jobs, in their own statement. */
import { DEFAULT_EVENT_TYPES } from '../../task/job-event-types.ts';

const DEFAULTS = DEFAULT_EVENT_TYPES.map((type) => `'${type}'`).join(', ');

/** What is paced together of callbacks: hosts see one sender, however many paths they have. */
const ORIGIN = `substring(lower(job.callback->>'url') from '^[a-z]+://[^/?#]+')`;

/** The job as a webhook names it, before its counts. Thin: who wants more asks for the job. */
const JOB_DATA = `jsonb_build_object('job_id', job.job_id, 'pipeline', job.job_type, 'label', job.label)`;

/**
 * A CTE after `events (job_id, type, data)`: one delivery for each endpoint of the job's owner that asked for this type,
 * and one for the job's own callback URL.
 */
export const queueDeliveries = (events: string): string => `
, queued_deliveries as (
  insert into webhook_deliveries (owner, endpoint_id, url, target, job_id, type, payload)
  select job.user_id, goal.endpoint_id, goal.url, goal.target, event.job_id, event.type, ${JOB_DATA} || event.data
  from ${events} as event join background_jobs as job using (job_id)
  cross join lateral (
    select endpoint.endpoint_id, null::text as url, endpoint.endpoint_id::text as target
    from webhook_endpoints as endpoint
    where endpoint.owner = job.user_id and endpoint.url is not null and endpoint.is_enabled
      and event.type = any (endpoint.events)
    union all
    select null, job.callback->>'url', ${ORIGIN}
    where ${ORIGIN} is not null and event.type in (${DEFAULTS})
  ) as goal
)`;
