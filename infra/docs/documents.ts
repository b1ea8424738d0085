/** Every file of the repository that is made from code. */
import { dashboardFiles } from '../../monitoring/grafana/files.ts';
import { prometheusFiles } from '../../monitoring/prometheus/files.ts';
import { contract } from '../../services/api/openapi/contract.ts';
import { configurationPage } from './configuration-page.ts';
import { envExample } from './env-example.ts';
import { messageSchemas } from './message-schemas.ts';
import { metricsPage } from './metrics-page.ts';
import { allProviderSettings, processSettings } from './process-settings.ts';
import { settingGroups } from './setting-groups.ts';

/** Path from the root of the repository → what the file should hold. A document joins by its entry here. */
export async function generatedDocuments(): Promise<ReadonlyMap<string, string>> {
  const groups = settingGroups(await processSettings(), await allProviderSettings());
  return new Map([
    ['docs/configuration.md', configurationPage(groups)],
    ['.env.example', envExample(groups)],
    ['docs/metrics.md', metricsPage()],
    ['docs/openapi.json', `${JSON.stringify(contract(), undefined, 2)}\n`],
    ...messageSchemas(),
    ...prometheusFiles(),
    ...dashboardFiles(),
  ]);
}
