import { z } from 'zod';
import { lookAtSystem } from '../../../shared/controls/look-at-system.ts';
import { statusDocument } from '../../../shared/controls/status-document.ts';
import { currentEnvironment } from '../../../shared/runtime/environment.ts';
import { LANES } from '../../../shared/task/task.ts';
import { withSystem } from '../controls/with-system.ts';
import { runInside } from './compose.ts';
import type { Sight } from './decide.ts';

const ADDRESSES = ['RABBITMQ_URL', 'REDIS_URL', 'DATABASE_URL'];

const schema = z.object({
  at: z.iso.datetime(),
  lanes: z.array(
    z.object({
      lane: z.enum(LANES),
      waiting: z.number().nullable(),
      oldest_s: z.number().nullable(),
      workers_wanted: z.number().int().min(1),
      wanted_by: z.string(),
    }),
  ),
});

/**
 * What waits in each lane. The stores of a compose project are reached from inside it alone: without an address in the
 * environment the command line of the project is asked. Rejects with ServersUnavailable or ComposeError.
 */
export async function lookAtLanes(): Promise<readonly Sight[]> {
  const env = currentEnvironment();
  const isNamed = ADDRESSES.flatMap((key) => [env[key], env[`${key}_FILE`]]).some((one = '') => one !== '');
  const document: unknown = isNamed
    ? await withSystem(async (system) => statusDocument(await lookAtSystem(system)))
    : JSON.parse(await runInside(['status', '--json']));
  const { at, lanes } = schema.parse(document);
  return lanes.map(
    ({ lane, waiting, oldest_s: oldestSeconds, workers_wanted: wanted, wanted_by: wantedBy }) => ({
      at: Date.parse(at),
      lane,
      waiting,
      oldestSeconds,
      wanted,
      wantedBy,
    }),
  );
}
