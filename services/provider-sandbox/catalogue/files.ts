import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Data files are read from the package's folder: compiled code lies at another depth than its source. */
function packageRoot(from: string = import.meta.dirname): string {
  if (existsSync(join(from, 'package.json'))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error('the catalogue is not inside a package');
  return packageRoot(parent);
}

export const tracksFile = (): string =>
  join(packageRoot(), 'services', 'provider-sandbox', 'catalogue', 'tracks.csv');

export const moviesFile = (): string =>
  join(packageRoot(), 'node_modules', 'vega-datasets', 'data', 'movies.json');
