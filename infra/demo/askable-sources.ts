import type { ProviderDefinition } from '../../shared/providers/provider.ts';
import { readSettings } from '../../shared/runtime/environment.ts';
import type { ProviderMode } from '../local-system/provider-mode.ts';
import { SOURCES, type Source } from './sources.ts';

/**
 * The files that somebody can be asked about: with real services, those of pipelines of which at least one provider has its
 * credentials or needs none. Says what is left out.
 */
export function askableSources(
  definitions: readonly ProviderDefinition[],
  mode: ProviderMode,
  report: (line: string) => void,
): readonly Source[] {
  if (mode.kind === 'sandbox') return SOURCES;
  const usable = new Set<string>();
  for (const { name, title, settings } of definitions) {
    const own = readSettings(settings);
    const missing = Object.entries(settings).filter(([key, { secret }]) => secret && own[key] === '');
    if (missing.length === 0) usable.add(name);
    else report(`${title} is left out: ${missing.map(([, { key }]) => key).join(', ')} not set`);
  }
  return SOURCES.filter(({ pipeline }) => {
    const isAskable = pipeline.chain.some((name) => usable.has(name));
    if (!isAskable) report(`${pipeline.name} are left out: none of their providers can be asked`);
    return isAskable;
  });
}
