/** Runs `celery worker` (prefork, BENCH_PROCESSES) for as long as this process lives: a node process is what is started. */
import { spawn } from 'node:child_process';
import { PYTHON } from '../warm/peer-packages.ts';
import { SAVE_ONE } from './warm-row.ts';

const { env } = process;
const celery = spawn(
  PYTHON,
  [
    ...['-m', 'celery', '-A', 'celery_tasks', 'worker', '-O', 'fair', '--loglevel', 'WARNING'],
    ...['--concurrency', env['BENCH_PROCESSES'] ?? '1', '--without-gossip', '--without-mingle'],
    '--without-heartbeat',
  ],
  {
    cwd: import.meta.dirname,
    env: { ...env, BENCH_SAVE: SAVE_ONE.replaceAll(/\$\d+/g, '%s'), PYTHONDONTWRITEBYTECODE: '1' },
    stdio: 'inherit',
  },
);
celery.once('exit', (code) => process.exit(code ?? 1));
process.once('SIGTERM', () => celery.kill('SIGTERM'));
