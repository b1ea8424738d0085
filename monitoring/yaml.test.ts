import { toYaml } from './yaml.ts';

test('maps and lists are nested by two blanks', () => {
  const value = { groups: [{ name: 'a', rules: [{ alert: 'B', for: '5m' }, { alert: 'C' }] }] };
  const lines = ['groups:', '  - name: a', '    rules:', '      - alert: B'];
  expect(toYaml(value)).toBe([...lines, "        for: '5m'", '      - alert: C', ''].join('\n'));
});

test('what could be read as something else stands in quotes', () => {
  expect(toYaml(['yes', '1', 'a: b', "it's", 'plain text'])).toBe(
    ["- 'yes'", "- '1'", "- 'a: b'", "- 'it''s'", '- plain text', ''].join('\n'),
  );
});

test('an empty list is said, and what is undefined is left out', () => {
  expect(toYaml({ a: [], b: undefined, c: true })).toBe('a: []\nc: true\n');
});
