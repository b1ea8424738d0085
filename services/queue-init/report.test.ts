import { reportLines } from './report.ts';

test('bindings are neither called created nor found: the broker does not tell', () => {
  const lines = reportLines(
    [
      { kind: 'exchange', name: 'enrichment', status: 'found' },
      { kind: 'queue', name: 'movie_enrichment_queue', status: 'created' },
      { kind: 'bindings', name: '2 bindings', status: 'bound' },
    ],
    'classic',
  );
  expect(lines).toEqual([
    'found    exchange enrichment',
    'created  queue movie_enrichment_queue',
    'bound    2 bindings',
    '1 created, 1 found, 0 different (queue type classic)',
  ]);
});

test('a drift is told argument by argument, and that nothing was changed', () => {
  const differences = ['x-queue-type: is "classic", should be "quorum"'];
  const lines = reportLines([{ kind: 'queue', name: 'q', status: 'drift', differences }], 'quorum');
  expect(lines.slice(0, 3)).toEqual([
    'drift    queue q',
    `           ${differences[0] ?? ''}`,
    '0 created, 0 found, 1 different (queue type quorum)',
  ]);
  expect(lines.join('\n')).toContain('Nothing was changed or deleted');
});
