import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const pages = ['.', 'docs', 'examples', 'tests/eval-matching', 'services/provider-sandbox']
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
  .filter((file) => file.endsWith('.md'));
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Readonly<Record<string, string>>;
};

test.each(pages)('every file that %s links to is there', (page) => {
  const targets = [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(
    ([, target = '']) => target,
  );
  expect(targets.filter((target) => !existsSync(join(root, dirname(page), target)))).toEqual([]);
});

test.each(pages)('every npm script that %s tells to run is there', (page) => {
  const named = [
    ...readFileSync(join(root, page), 'utf8').matchAll(/npm run (?:-s\s+)?([a-z:][a-z:-]*)/g),
  ].map(([, name = '']) => name);
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});

test.each(['services', 'shared', 'infra'])(
  'docs/architecture.md says what each folder of %s/ is for',
  (parent) => {
    const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
    const [, places = ''] = /^## Where things are\n([\s\S]*?)^## /m.exec(page) ?? [];
    const folders = readdirSync(join(root, parent), { withFileTypes: true }).filter((one) =>
      one.isDirectory(),
    );
    expect(folders.map(({ name }) => name).filter((name) => !places.includes(`\`${name}\``))).toEqual([]);
  },
);
