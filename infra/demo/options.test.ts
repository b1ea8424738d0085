import { parseOptions, UsageError } from './options.ts';

test('without arguments everything is enriched, shown as tables, and stopped', () => {
  expect(parseOptions([])).toEqual({
    action: 'run',
    isLive: false,
    limit: undefined,
    isKept: false,
    isJson: false,
    stack: 'demo',
  });
});

test('flags are read', () => {
  expect(parseOptions(['--keep', '--json', '--live', '--limit', '50'])).toMatchObject({
    isKept: true,
    isJson: true,
    isLive: true,
    limit: 50,
  });
  expect(parseOptions(['--stop']).action).toBe('stop');
  expect(parseOptions(['-h']).action).toBe('help');
});

test.each([
  ['a limit that is no number of rows', ['--limit', 'many']],
  ['a limit of nothing', ['--limit', '0']],
  ['real services without a limit', ['--live']],
  ['a flag that does not exist', ['--fast']],
])('%s is refused', (_, args) => {
  expect(() => parseOptions(args)).toThrow(UsageError);
});
