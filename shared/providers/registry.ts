import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ProviderDefinition } from './provider.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
/** Folder names become queue names, metric labels and environment keys. */
const NAME = /^[a-z][a-z0-9]{0,31}$/;

/** Names of all providers, sorted: each folder with an index file is one. Imports none of them. */
export function listProviders(directory: string = HERE): readonly string[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && NAME.test(entry.name))
    .map((entry) => entry.name)
    .filter((name) => indexFile(directory, name) !== undefined)
    .sort();
}

/** Imports one provider and no other. Throws when there is no such folder or when its definition has another name. */
export async function loadProvider(name: string, directory: string = HERE): Promise<ProviderDefinition> {
  // Checked first: the name may come from a message, and it becomes a part of a path.
  const file = NAME.test(name) ? indexFile(directory, name) : undefined;
  if (file === undefined) {
    throw new Error(`provider '${name}': unknown, there are ${listProviders(directory).join(', ')}`);
  }
  const module = (await import(pathToFileURL(file).href)) as { default?: ProviderDefinition };
  if (module.default?.name !== name) {
    throw new Error(`provider '${name}': its index defines '${module.default?.name ?? 'nothing'}'`);
  }
  return module.default;
}

/** TypeScript while developing, JavaScript once built. */
const indexFile = (directory: string, name: string): string | undefined =>
  ['index.js', 'index.ts'].map((file) => join(directory, name, file)).find((file) => existsSync(file));
