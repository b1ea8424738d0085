import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listProviders, loadProvider } from './registry.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'providers-'));
  for (const [name, source] of Object.entries({
    alpha: "export default { name: 'alpha' };",
    misnamed: "export default { name: 'other' };",
    empty: 'export {};',
  })) {
    await mkdir(join(directory, name));
    await writeFile(join(directory, name, 'index.js'), source);
  }
  await mkdir(join(directory, 'no-index'));
  await mkdir(join(directory, 'noindex'));
  await writeFile(join(directory, 'file.js'), '');
  await writeFile(join(directory, 'package.json'), '{"type":"module"}');
});
afterAll(() => rm(directory, { recursive: true }));

describe('the registry of providers', () => {
  it('lists the folders that have an index, sorted', () => {
    expect(listProviders(directory)).toEqual(['alpha', 'empty', 'misnamed']);
  });

  it('lists the providers of the project', () => {
    expect(listProviders()).toEqual(expect.arrayContaining(['lastfm', 'spotify']));
  });

  it('loads a definition by name', async () => {
    expect(await loadProvider('alpha', directory)).toEqual({ name: 'alpha' });
  });

  it('refuses a definition that has another name than its folder', async () => {
    await expect(loadProvider('misnamed', directory)).rejects.toThrow(
      "provider 'misnamed': its index defines 'other'",
    );
    await expect(loadProvider('empty', directory)).rejects.toThrow("its index defines 'nothing'");
  });

  it.each(['missing', 'noindex', '../alpha', '', 'alpha/../alpha', 'Alpha', '__proto__'])(
    "refuses the name '%s' and says which there are",
    async (name) => {
      await expect(loadProvider(name, directory)).rejects.toThrow(
        'unknown, there are alpha, empty, misnamed',
      );
    },
  );
});
