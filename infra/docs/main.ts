/** `npm run -s docs:generate`: writes the documents that are made from code, and names those that changed. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedDocuments } from './documents.ts';

const root = join(import.meta.dirname, '..', '..');

for (const [path, text] of await generatedDocuments()) {
  const file = join(root, path);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  process.stdout.write(`written: ${path}\n`);
}
