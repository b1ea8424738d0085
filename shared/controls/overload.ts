/** From when on a lane counts as behind: the lines that status, scaling and alerts draw. */
import type { Lane } from '../task/task.ts';

/** Tasks of the priority lane that wait. The backlog lane may hold any number: there the age counts. */
export const MANY_WAITING = 1_000;

/** Age of the oldest task. */
export const TOO_OLD_SECONDS: Readonly<Record<Lane, number>> = { priority: 300, backlog: 14_400 };
