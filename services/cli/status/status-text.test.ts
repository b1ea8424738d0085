import type { LaneStatus, SystemStatus } from '../../../shared/controls/system-status.ts';
import { statusText } from './status-text.ts';

const stage = {
  pipeline: 'tracks',
  lane: 'priority',
  stage: 'coverartarchive',
  waiting: 1_234_567,
  perSecond: 1_234,
  etaSeconds: 99_000,
  oldestSeconds: 7_500,
  workers: 100,
} as const;
const lane: LaneStatus = { ...stage, wanted: { workers: 100, by: 'coverartarchive' }, stages: [stage] };
const status: SystemStatus = {
  at: 0,
  lanes: [lane, { ...lane, lane: 'backlog', waiting: undefined, stages: [] }],
  shared: [{ ...stage, lane: 'any', stage: 'retry' }],
  workers: Array.from({ length: 30 }, (_, index) => ({
    process: `enrichment-backlog-worker@a-rather-long-host-name-${index}.example.org#123456`,
    version: '10.20.30',
    lanes: ['priority', 'backlog'],
    held: 1_250,
    inFlight: 250,
    perSecond: 150,
    bestPerSecond: 150,
    silentSeconds: 1,
  })),
  providers: [],
  pauses: [],
  deadLetters: [
    { group: '0123456789abcdef', pipeline: 'tracks', cause: 'a cause '.repeat(30), count: 12_345 },
  ],
};

test.each([80, 120])('no line is longer than %i columns', (width) => {
  const lines = statusText(status, width).split('\n');
  expect(lines.filter(({ length }) => length > width)).toEqual([]);
});

test('what is wrong stands first, and what is not known is a question mark', () => {
  const text = statusText(status, 80);
  expect(text).toMatch(/^! .*\n {2}next: .*\n! 12345 dead letters/);
  expect(text).toMatch(/^backlog +all +\? /m);
  expect(text).toContain('… and 22 more workers: --json lists all');
});
