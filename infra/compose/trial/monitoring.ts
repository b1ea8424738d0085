/** What Prometheus of the trial says of itself: whom it reaches, and what it evaluates. */
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';

const POLL_MS = 1_000;

const targets = z.object({
  data: z.object({
    activeTargets: z.array(
      z.object({ health: z.string(), labels: z.object({ job: z.string() }), lastError: z.string() }),
    ),
  }),
});
const rules = z.object({
  data: z.object({
    groups: z.array(
      z.object({ rules: z.array(z.object({ name: z.string(), type: z.string(), health: z.string() })) }),
    ),
  }),
});
const alertmanagers = z.object({
  data: z.object({ activeAlertmanagers: z.array(z.object({ url: z.string() })) }),
});

/** The jobs of its configuration. */
const pools = z.object({ data: z.object({ scrapePools: z.array(z.string()) }) });

export interface Monitoring {
  readonly targetsUp: number;
  readonly rules: number;
  readonly alerts: number;
  /** Jobs without a target, targets that are down, rules that fail or were not evaluated yet; in words. */
  readonly problems: readonly string[];
}

/** As soon as every job has a target, all are up and all rules were evaluated; else what it came to in that time. */
export async function monitoringOf(url: string, withinMs: number): Promise<Monitoring> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const seen = await look(url);
    if (seen.problems.length === 0 || Date.now() > deadline) return seen;
    await wait(POLL_MS);
  }
}

async function look(url: string): Promise<Monitoring> {
  const ask = async (path: string): Promise<unknown> => (await fetch(`${url}/api/v1/${path}`)).json();
  const { activeTargets } = targets.parse(await ask('targets?state=active')).data;
  const all = rules.parse(await ask('rules')).data.groups.flatMap((group) => group.rules);
  const { activeAlertmanagers } = alertmanagers.parse(await ask('alertmanagers')).data;
  const { scrapePools } = pools.parse(await ask('scrape_pools')).data;
  const reached = new Set(activeTargets.map(({ labels }) => labels.job));
  return {
    targetsUp: activeTargets.filter(({ health }) => health === 'up').length,
    rules: all.length,
    alerts: all.filter(({ type }) => type === 'alerting').length,
    problems: [
      ...scrapePools.filter((job) => !reached.has(job)).map((job) => `${job} has no target`),
      ...activeTargets
        .filter(({ health }) => health !== 'up')
        .map(({ labels, health, lastError }) => `${labels.job} is ${health} ${lastError}`.trim()),
      ...all.filter(({ health }) => health !== 'ok').map(({ name, health }) => `rule ${name} is ${health}`),
      ...(all.length === 0 ? ['no rule is loaded'] : []),
      ...(activeAlertmanagers.length === 0 ? ['no Alertmanager is known'] : []),
    ],
  };
}
