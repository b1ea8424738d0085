import { tracks } from '../../shared/pipelines/tracks/index.ts';
import type { Delivery } from '../../shared/rabbitmq/delivery.ts';
import { plan } from '../../shared/task/plan.ts';
import { NO_SUPPLEMENTS } from '../../shared/task/supplement.ts';
import { NEW_STATE, type Task } from '../../shared/task/task.ts';
import { withAnswer, type Work } from './work.ts';

/** No step of a task touches it. */
const NO_DELIVERY = undefined as unknown as Delivery;
const HOUR_MS = 3_600_000;

const work = (task: Partial<Task>): Work => ({
  task: {
    taskId: 't1',
    pipeline: 'tracks',
    owner: '',
    priority: 5,
    entity: {},
    extra: {},
    strategy: 'first',
    state: NEW_STATE,
    ...task,
  },
  delivery: NO_DELIVERY,
  pipeline: tracks,
  lane: 'priority',
});

test('a refresh that is dated in the future is satisfied by the first look-up: no task asks for ever', () => {
  const asked = Date.now();
  const answer = {
    provider: 'alpha',
    kind: 'hit',
    fetchedAt: asked,
    expiresAt: asked + HOUR_MS,
    requests: 1,
  } as const;
  const { task } = withAnswer(work({ notBefore: asked + HOUR_MS }), answer, 'look_up');
  const options = { supplements: NO_SUPPLEMENTS };
  expect(plan(task, ['alpha', 'beta'], asked + 50, options)).toMatchObject({ outcome: 'enriched' });
  expect(plan(task, ['alpha', 'beta'], asked + 2 * HOUR_MS, options)).toMatchObject({ outcome: 'enriched' });
});
