import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { integer, secret, text } from '../../shared/runtime/environment.ts';
import { configurationPage } from './configuration-page.ts';
import { generatedDocuments } from './documents.ts';
import { envExample } from './env-example.ts';
import { settingGroups } from './setting-groups.ts';

const root = join(import.meta.dirname, '..', '..');
const host = text('HOST', { doc: 'Where it listens.', default: 'localhost' });
const workers = integer('WORKERS', { doc: 'How many.', min: 1, max: 9 });

/** Keys that are declared anywhere in code that runs, by the functions that make settings. */
function declaredKeys(): string[] {
  const declaration = /\b(?:integer|decimal|text|secret|url|choice|list|rate)\(\s*'([A-Z][A-Z0-9_]+)'/g;
  return ['shared', 'services', 'infra'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .flatMap((file) => [...readFileSync(join(root, folder, file), 'utf8').matchAll(declaration)])
      .map(([, key = '']) => key),
  );
}

test('every generated document is what the code makes of it; npm run -s docs:generate brings it up to date', async () => {
  for (const [path, wanted] of await generatedDocuments()) {
    expect({ path, text: readFileSync(join(root, path), 'utf8') }).toEqual({ path, text: wanted });
  }
});

test('every setting that the code declares is on the page and in the example, once', async () => {
  const documents = await generatedDocuments();
  const onPage = documents.get('docs/configuration.md')?.match(/^\| `[A-Z0-9_]+`/gm) ?? [];
  const inExample = documents.get('.env.example')?.match(/^(?:# )?[A-Z][A-Z0-9_]+=/gm) ?? [];
  const keys = onPage.map((cell) => cell.slice(3, -1));
  expect(new Set(keys).size).toBe(keys.length);
  expect(inExample.map((line) => line.replace(/^# |=$/g, ''))).toEqual(keys);
  expect(keys).toEqual(expect.arrayContaining(declaredKeys()));
});

test('a key that several processes read is listed once, with its readers', () => {
  const groups = settingGroups(
    [
      { process: 'api', settings: { host } },
      { process: 'worker', settings: { host, workers } },
    ],
    [],
  );
  expect(groups.map(({ title, settings }) => [title, ...settings.map(({ key }) => key)])).toEqual([
    ['Shared by several processes', 'HOST'],
    ['worker alone', 'WORKERS'],
  ]);
  expect(configurationPage(groups)).toContain('| `HOST` | `localhost` | text |  | api, worker |');
});

test('a key that one process requires and another has a default for says so', () => {
  const required = text('HOST', { doc: 'Where it listens.' });
  const groups = settingGroups(
    [
      { process: 'migrate', settings: { required } },
      { process: 'api', settings: { host } },
    ],
    [],
  );
  expect(configurationPage(groups)).toContain('| `HOST` | `localhost`; required by migrate |');
});

test('a key that two processes read in different ways is refused', () => {
  const other = integer('HOST', { doc: 'Where it listens.', default: '1', min: 1, max: 9 });
  const processes = [
    { process: 'api', settings: { host } },
    { process: 'worker', settings: { other } },
  ];
  expect(() => settingGroups(processes, [])).toThrow('HOST: worker and api read it in different ways');
});

test('the example leaves every key commented out, one comment above each', () => {
  const key = secret('API_KEY', { doc: 'From the dashboard.' });
  const motto = text('MOTTO', { doc: 'Shown.', default: "it's fine" });
  const example = envExample(settingGroups([{ process: 'api', settings: { key, motto } }], []));
  expect(example).toContain("\n# From the dashboard.\n# API_KEY=\n\n# Shown.\n# MOTTO='it'\\''s fine'\n");
  expect(example.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
});
