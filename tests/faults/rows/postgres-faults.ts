import { check, type Fault } from '../fault.ts';

const restarted: Fault = {
  id: 'F35',
  title: 'Postgres restarted',
  injection: 'fast shutdown of Postgres, started again at once',
  caughtUpWithinS: 20,
  async inject({ stack, workers }) {
    await stack.signal('postgres', 'SIGINT');
    const back = await stack.revive('postgres');
    return {
      healedAt: back,
      checks: [
        check(
          'all workers live',
          workers.every(({ isRunning }) => isRunning),
          workers.length,
        ),
      ],
    };
  },
};

export const postgresFaults: readonly Fault[] = [restarted];
