import type { SystemStatus } from '../../../shared/controls/system-status.ts';
import { VERSION } from '../../../shared/runtime/version.ts';
import { type Finding, finding, when } from './finding.ts';

/** Who works, and which providers can be asked. */
export function systemFindings({ workers, providers }: SystemStatus): readonly Finding[] {
  const others = [...new Set(workers.map(({ version }) => version))].filter((one) => one !== VERSION);
  return [
    workers.length === 0
      ? finding('workers.alive', 'warning', 'no worker is alive', 'docker compose up -d, or npm start')
      : finding('workers.alive', 'ok', `${workers.length} workers are alive`),
    ...when(
      others.length > 0,
      finding(
        'workers.version',
        'notice',
        `workers of another release than this command (${VERSION}) run: ${others.map(named).join(', ')}`,
        'start them again with the image of this release',
      ),
    ),
    ...providers
      .filter(({ state }) => state === 'no_credentials')
      .map(({ name, why }) =>
        finding(
          'providers.credentials',
          'notice',
          `${name} cannot be asked: ${why}`,
          'README.md, Live providers',
        ),
      ),
  ];
}

const named = (version: string): string => (version === '' ? 'one that does not say' : version);
