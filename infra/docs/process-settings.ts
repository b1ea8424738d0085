/** What each process reads from the environment, taken from the code that reads it. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { providerSettings } from '../../shared/providers/provider-settings.ts';
import { listProviders, loadProvider } from '../../shared/providers/registry.ts';
import type { SettingSpecs } from '../../shared/runtime/environment.ts';
import { settings as composeSettings } from '../compose/config.ts';
import { externalSettings, settings as stackSettings } from '../local-stack/config.ts';
import { settings as migrateSettings } from '../postgres/config.ts';

export interface ProcessSettings {
  readonly process: string;
  readonly settings: SettingSpecs;
  /** Stands in .env.example as an assignment: docker compose finds its defaults nowhere else. */
  readonly isAssigned?: boolean;
}

export interface ProviderSettings {
  /** For people: "Last.fm". */
  readonly title: string;
  readonly settings: SettingSpecs;
}

const SERVICES = join(import.meta.dirname, '..', '..', 'services');

/** The services by the names of their folders, then the commands that are not services. */
export async function processSettings(): Promise<readonly ProcessSettings[]> {
  const services = readdirSync(SERVICES)
    .map((name) => ({ name, file: join(SERVICES, name, 'config.ts') }))
    .filter(({ file }) => existsSync(file));
  const found: ProcessSettings[] = [];
  // One after the other: the module loader of the tests fails when one module is asked for twice at a time.
  for (const { name, file } of services) found.push(await settingsIn(name, file));
  return [
    ...found,
    { process: 'compose', settings: composeSettings, isAssigned: true },
    { process: 'migrate', settings: migrateSettings },
    { process: 'stack', settings: { ...stackSettings, ...externalSettings } },
  ];
}

/** In the order of their names. */
export async function allProviderSettings(): Promise<readonly ProviderSettings[]> {
  const found: ProviderSettings[] = [];
  for (const name of listProviders()) {
    const definition = await loadProvider(name);
    found.push({ title: definition.title, settings: providerSettings(definition) });
  }
  return found;
}

async function settingsIn(process: string, file: string): Promise<ProcessSettings> {
  const exported = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  const settings = Object.values(exported).find(isSettings);
  if (settings === undefined) throw new Error(`${file}: exports no settings`);
  return { process, settings };
}

const isSettings = (value: unknown): value is SettingSpecs =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every((one: unknown) => typeof one === 'object' && one !== null && 'key' in one);
