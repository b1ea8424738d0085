/**
 * Counters move with the rows: SQL that follows, in one statement, whatever changed the state of tasks. One UPDATE for each
 * job, its row locked last and in order, so that writers do not deadlock; no indexed column changes unless the job ends.
 */
import { EVENT_DATA, tellEvents } from './job-events.ts';

const PROCESSED = `(job.processed_items + tally.enriched + tally.not_found + tally.ambiguous + tally.cancelled)`;
const FAILED = `(job.failed_items + tally.died - tally.revived)`;
const IS_LIVE = `job.status in ('queued', 'running', 'paused', 'cancelling')`;
const IS_OVER = `${PROCESSED} + ${FAILED} >= job.total_items`;

/** A job that was stopped after its last task had been settled anyway ends like any other. */
const END = `case
    when job.stop_reason is not null and job.cancelled_items + tally.cancelled > 0 then job.stop_reason
    when ${FAILED} = 0 then 'completed'
    when ${FAILED} >= job.total_items then 'failed'
    else 'completed_with_errors' end`;

/** Long enough to mean something, short enough to follow a provider that slows down. */
const PACE_IS_DUE = `now() - job.pace_at >= interval '5 s'`;

const TOLD = `select job_id, revision,
    case when not ended then 'job.amended'
         when status = 'completed_with_errors' then 'job.completed'
         else 'job.' || status end,
    ${EVENT_DATA}
  from counted where ended or (revived > 0 and completed_at is not null)`;

/**
 * After a CTE `moved (job_id, before, after, is_fed, requests, cost)`: one row for each task that changed its state. Gives
 * the ids of the jobs, and how long those lasted that came to their end with it. Their events are written.
 */
export const COUNT_SETTLED = `
, tally as (
  select job_id,
    count(*) filter (where after = 'enriched') as enriched,
    count(*) filter (where after = 'not_found') as not_found,
    count(*) filter (where after = 'ambiguous') as ambiguous,
    count(*) filter (where after = 'cancelled') as cancelled,
    count(*) filter (where after = 'dead') as died,
    count(*) filter (where before = 'dead') as revived,
    count(*) filter (where before = 'queued' and is_fed) as fed,
    sum(requests) as requests, sum(cost) as cost
  from moved group by job_id
), held_jobs as (
  select job_id from background_jobs where job_id in (select job_id from tally) order by job_id for update
), counted as (
  update background_jobs as job set
    processed_items = ${PROCESSED},
    failed_items = ${FAILED},
    enriched_items = job.enriched_items + tally.enriched,
    not_found_items = job.not_found_items + tally.not_found,
    ambiguous_items = job.ambiguous_items + tally.ambiguous,
    cancelled_items = job.cancelled_items + tally.cancelled,
    fed_items = job.fed_items - tally.fed,
    requests = job.requests + tally.requests,
    cost_usd = job.cost_usd + tally.cost,
    revision = job.revision + 1,
    status = case
      when ${IS_LIVE} and ${IS_OVER} then ${END}
      when job.status in ('failed', 'completed_with_errors') then ${END}
      when job.status = 'queued' then 'running'
      else job.status end,
    started_at = coalesce(job.started_at, now()),
    completed_at = case when ${IS_LIVE} and ${IS_OVER} then now() else job.completed_at end,
    pace = case when ${PACE_IS_DUE}
      then (${PROCESSED} + ${FAILED} - job.pace_done) / extract(epoch from now() - job.pace_at)
      else job.pace end,
    pace_done = case when job.pace_at is null or ${PACE_IS_DUE} then ${PROCESSED} + ${FAILED} else job.pace_done end,
    pace_at = case when job.pace_at is null or ${PACE_IS_DUE} then now() else job.pace_at end
  from held_jobs join tally using (job_id)
  where job.job_id = held_jobs.job_id
  returning job.*, tally.revived, job.completed_at is not distinct from now() as ended
)${tellEvents(TOLD)}
select job_id as "jobId", case when ended then extract(epoch from completed_at - created_at)::float8 end as "lastedSeconds"
from counted`;
