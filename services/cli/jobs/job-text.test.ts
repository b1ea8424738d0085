import { progressText } from '../progress-line.ts';
import { drawnProgress, jobsTable, jobText, plainProgress } from './job-text.ts';
import { NO_COUNTS, sampleJob } from './samples.ts';

const HALF = sampleJob({
  progress_percent: 50,
  counts: { ...NO_COUNTS, processed: 480, enriched: 480, failed: 20, running: 500 },
  rate_per_s: 12.5,
  eta_s: 40,
});

test('before anything is settled, the line of progress tells no pace and no end', () => {
  expect(progressText(drawnProgress(sampleJob()), 3, 'tasks')).toBe('0 tasks  no pace yet');
  expect(plainProgress(sampleJob())).toBe('running  0 % of 1,000  none yet');
});

test('once tasks are settled, pace and end are told as the API measures them', () => {
  expect(progressText(drawnProgress(HALF), 3, 'tasks')).toContain('500 tasks  13/s  40 s left  20 failed');
  expect(plainProgress(HALF)).toBe('running  50 % of 1,000  480 enriched, 20 failed  12.5/s  40 s left');
});

test('a paused job says so, and not that its pace is unknown', () => {
  expect(progressText(drawnProgress(sampleJob({ status: 'paused', eta_s: null })), 3, 'tasks')).toBe(
    '0 tasks  paused',
  );
});

test('a job that has ended has no pace', () => {
  const ended = sampleJob({ ...HALF, status: 'completed', rate_per_s: 0, eta_s: 0 });
  expect(jobText(ended)).not.toContain('Pace');
  expect(jobText(HALF)).toContain('Pace          12.5/s, 40 s left');
});

test('the list tells how long a job still takes, and of one that has ended no time', () => {
  const lines = jobsTable([HALF, sampleJob({ status: 'completed', eta_s: 0 })]).split('\n');
  expect(lines[1]).toMatch(/ 40 s +/);
  expect(lines[2]).toMatch(/completed +0 % +1,000 +0 +- /);
});
