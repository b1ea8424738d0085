/** That chains and providers fit together: each is declared without the other. */
import { pipelines } from '../shared/pipelines/registry.ts';
import type { ProviderDefinition } from '../shared/providers/provider.ts';
import { listProviders, loadProvider } from '../shared/providers/registry.ts';

const definitions = new Map<string, ProviderDefinition>();
// One after the other: the test runner cannot link modules that two imports share at the same time.
for (const name of listProviders()) definitions.set(name, await loadProvider(name));

describe.each(pipelines.map((pipeline) => [pipeline.name, pipeline] as const))(
  '%s',
  (_name, { kind, chain }) => {
    it('names providers of its own kind, each once', () => {
      expect(new Set(chain).size).toBe(chain.length);
      expect(chain.map((name) => definitions.get(name)?.kind)).toEqual(chain.map(() => kind));
    });

    it('asks whatever a provider adds to', () => {
      const bases = chain.flatMap((name) => definitions.get(name)?.supplement?.base ?? []);
      expect(chain).toEqual(expect.arrayContaining(bases));
    });
  },
);

test('every provider is in a chain: a folder that nobody asks is forgotten', () => {
  expect(new Set(pipelines.flatMap(({ chain }) => chain))).toEqual(new Set(definitions.keys()));
});
