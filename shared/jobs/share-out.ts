/**
 * Whose tasks go to the broker next. Pure. Two rules keep a large job from standing before a small one:
 *
 * - of one pipeline and lane only so many tasks are ahead in the broker, handed out to the owners in turn, and to the jobs
 *   of an owner in turn
 * - an owner with few tasks there may always add some (its head start), whatever others have there; what an owner has
 *   beyond its head start yields: it goes one priority lower, so that tasks of a newcomer overtake it
 */
import type { FedJob } from '../postgres/jobs/outbox.ts';

export interface ShareOptions {
  /** Most tasks of one pipeline and lane in the broker, head starts aside. */
  readonly ahead: number;
  /** Tasks that an owner may have there in any case, at their full priority. */
  readonly headStart: number;
  /** Most tasks of a job at once: what is claimed must reach the broker within the time of a claim. */
  readonly batch: number;
  /** Who came last the time before: the next one begins. */
  readonly lastOwner?: string;
}

export interface Share {
  readonly jobId: string;
  readonly count: number;
  /** The first so many keep their priority, the others yield. */
  readonly urgent: number;
}

/** Tasks that change hands in one turn: small enough to be fair, large enough to claim them together. */
const TURN = 25;

interface OwnerTurn {
  inFlight: number;
  readonly jobs: { readonly job: FedJob; left: number; given: number; urgent: number }[];
}

/** What each job may feed now; jobs that may not are left out. */
export function shareOut(jobs: readonly FedJob[], options: ShareOptions): readonly Share[] {
  const groups = new Map<string, FedJob[]>();
  for (const job of jobs) {
    const key = `${job.pipeline} ${job.lane}`;
    groups.set(key, [...(groups.get(key) ?? []), job]);
  }
  return [...groups.values()].flatMap((group) => shareGroup(group, options));
}

function shareGroup(group: readonly FedJob[], options: ShareOptions): Share[] {
  const owners = ownersInTurn(group, options);
  let room = options.ahead - group.reduce((sum, { fed }) => sum + fed, 0);
  for (let gave = true; gave;) {
    gave = false;
    for (const owner of owners) {
      const allowed = Math.max(room, options.headStart - owner.inFlight);
      const given = giveTurn(owner, Math.min(TURN, allowed), options.headStart);
      room -= given;
      gave ||= given > 0;
    }
  }
  return owners.flatMap(({ jobs }) =>
    jobs.flatMap(({ job, given, urgent }) => {
      // What is fed again takes the place that it has already.
      const again = job.isFeedable ? Math.min(job.lapsed, options.batch) : 0;
      const count = given + again;
      return count === 0 ? [] : [{ jobId: job.jobId, count, urgent: urgent + again }];
    }),
  );
}

function giveTurn(owner: OwnerTurn, most: number, headStart: number): number {
  // The job that has got least so far: jobs of an owner are in turn as well.
  const [next] = owner.jobs.filter(({ left }) => left > 0).sort((a, b) => a.given - b.given);
  if (next === undefined || most <= 0) return 0;
  const given = Math.min(most, next.left);
  next.left -= given;
  next.given += given;
  next.urgent += Math.max(0, Math.min(given, headStart - owner.inFlight));
  owner.inFlight += given;
  return given;
}

function ownersInTurn(group: readonly FedJob[], { batch, lastOwner }: ShareOptions): OwnerTurn[] {
  const owners = new Map<string, OwnerTurn>();
  for (const job of group) {
    const owner = owners.get(job.owner) ?? { inFlight: 0, jobs: [] };
    owner.inFlight += job.fed;
    const left = job.isFeedable ? Math.min(job.unfed, batch) : 0;
    owner.jobs.push({ job, left, given: 0, urgent: 0 });
    owners.set(job.owner, owner);
  }
  const names = [...owners.keys()];
  const at = names.indexOf(lastOwner ?? '') + 1;
  return [...names.slice(at), ...names.slice(0, at)].flatMap((name) => owners.get(name) ?? []);
}
