/** The dashboards as the files that Grafana loads. */
import { type DashboardSpec, dashboardJson } from './dashboard.ts';
import { jobsDashboard } from './sources/jobs.ts';
import { pipelineDashboard } from './sources/pipeline.ts';
import { providersDashboard } from './sources/providers.ts';
import { queuesDashboard } from './sources/queues.ts';
import { sloDashboard } from './sources/slo.ts';
import { workersDashboard } from './sources/workers.ts';

export const DASHBOARDS: readonly DashboardSpec[] = [
  pipelineDashboard,
  queuesDashboard,
  workersDashboard,
  providersDashboard,
  jobsDashboard,
  sloDashboard,
];

/** Path from the root of the repository → content. */
export const dashboardFiles = (): readonly (readonly [string, string])[] =>
  DASHBOARDS.map((spec) => [`monitoring/grafana/dashboards/${spec.uid}-dashboard.json`, dashboardJson(spec)]);
