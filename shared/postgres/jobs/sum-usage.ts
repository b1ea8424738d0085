import type { Client } from '../dead-letters.ts';

export interface UsageRow {
  /** `2031-05-01`, in UTC. */
  readonly day: string;
  readonly owner: string;
  readonly pipeline: string;
  readonly jobs: number;
  readonly tasks: number;
  readonly enriched: number;
  readonly failed: number;
  /** To providers. */
  readonly requests: number;
  readonly cost_usd: number;
}

/** The newest day first; at most 1,000 rows. @param owner null = all of them */
export async function sumUsage(
  client: Client,
  owner: string | null,
  days: number,
): Promise<readonly UsageRow[]> {
  const { rows } = await client.query<UsageRow>(
    `select to_char(created_at at time zone 'UTC', 'YYYY-MM-DD') as day, user_id as owner, job_type as pipeline,
       count(*)::float8 as jobs, sum(total_items)::float8 as tasks, sum(enriched_items)::float8 as enriched,
       sum(failed_items)::float8 as failed, sum(requests)::float8 as requests, sum(cost_usd)::float8 as cost_usd
     from background_jobs
     where created_at >= now() - make_interval(days => $2) and ($1::text is null or user_id = $1)
     group by 1, 2, 3 order by 1 desc, 2, 3 limit 1000`,
    [owner, days],
  );
  return rows;
}
