import { providerSettings } from '../../shared/providers/provider-settings.ts';
import { listProviders, loadProvider } from '../../shared/providers/registry.ts';
import { readSettings, type Environment, type SettingSpecs } from '../../shared/runtime/environment.ts';
import { settings } from './config.ts';

/**
 * Throws ConfigError with every bad key, the worker's own and those of all providers: each provider reads its own when it
 * is opened, and a deployment should not be mended one restart at a time.
 */
export async function checkAllSettings(env: Environment): Promise<void> {
  const specs: SettingSpecs = { ...settings };
  for (const name of listProviders()) {
    for (const setting of Object.values(providerSettings(await loadProvider(name))))
      specs[setting.key] = setting;
  }
  readSettings(specs, env);
}
