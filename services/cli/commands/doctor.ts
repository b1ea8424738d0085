import type { Command } from 'commander';
import { currentEnvironment } from '../../../shared/runtime/environment.ts';
import { loadConfig } from '../config.ts';
import { doctorText } from '../doctor/doctor-text.ts';
import { examine } from '../doctor/examine.ts';
import type { Finding } from '../doctor/finding.ts';
import { EXIT } from '../exit-code.ts';

const EXAMPLES = `
Looks at RabbitMQ, Redis, Postgres, the HTTP API (where ENRICHMENT_API_URL is set), the workers and the providers, from here
and with the logins of here: reached, versions, rights, queues and their arguments, migrations, clocks, eviction, alarms,
memory, disk, connections, pool mode, and what workers hold against the time that the broker gives them. Changes nothing; one
key is written to Redis and removed, and one message published that no queue takes.

Examples:
  $ enrich doctor
  $ enrich doctor --json | jq '.findings[] | select(.severity == "error")'

Exit codes: 0 nothing worse than a warning, 1 errors, 2 bad settings, 75 a server is away.`;

/** `enrich doctor`. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('Examine every server and setting, with a fix for each finding.')
    .option('--json', 'print one JSON document instead of text')
    .addHelpText('after', EXAMPLES)
    .action(async ({ json }: { readonly json?: boolean }) => {
      const isApiNamed = (currentEnvironment()['ENRICHMENT_API_URL'] ?? '') !== '';
      const findings = await examine(loadConfig(), isApiNamed);
      const text = json === true ? JSON.stringify({ findings }, undefined, 2) : doctorText(findings);
      process.stdout.write(`${text}\n`);
      process.exitCode = codeOf(findings);
    });
}

function codeOf(findings: readonly Finding[]): number {
  if (findings.some(({ severity }) => severity === 'away')) return EXIT.temporary;
  return findings.some(({ severity }) => severity === 'error') ? EXIT.failure : EXIT.ok;
}
