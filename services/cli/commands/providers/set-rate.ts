import { type Command, InvalidArgumentError } from 'commander';
import { setProviderRate } from '../../../../shared/controls/order-provider.ts';
import { parseRate } from '../../../../shared/runtime/environment.ts';
import { providerArgument } from '../../controls/provider-argument.ts';
import { type ActorFlag, addActorOption, withControls } from '../../controls/with-controls.ts';

const EXAMPLES = `
The rate is for all workers together and is obeyed from each worker's next request on. It stays after restarts, and in
place of <NAME>_RATE_LIMIT, until it is set to default.

Examples:
  $ enrich providers set-rate musicbrainz 1/s
  $ enrich providers set-rate spotify 20/30s
  $ enrich providers set-rate spotify default`;

/** `enrich providers set-rate`. */
export function addSetRate(providers: Command): void {
  const command = providers
    .command('set-rate')
    .description('Ask a provider faster or slower than configured.')
    .addArgument(providerArgument())
    .argument('<rate>', 'requests by time, such as 10/s or 30/30s; default = as configured', parseSetRate);
  addActorOption(command)
    .option('--json', 'print one JSON document instead of text')
    .addHelpText('after', EXAMPLES)
    .action(async (provider: string, rate: string, flags: ActorFlag & { readonly json?: boolean }) => {
      const { before } = await withControls(flags, (controls) => setProviderRate(controls, provider, rate));
      const shown = (said: string): string => (said === '' ? 'as configured' : said);
      const text = `${provider}: ${shown(rate)}, before ${shown(before.rate)}. Next: enrich providers`;
      const document = { provider, rate: rate || null, before: before.rate || null };
      process.stdout.write(`${flags.json === true ? JSON.stringify(document) : text}\n`);
    });
}

function parseSetRate(raw: string): string {
  if (raw === 'default') return '';
  const rate = /^\d+$/.test(raw) ? `${raw}/s` : raw;
  try {
    parseRate(rate);
    return rate;
  } catch {
    throw new InvalidArgumentError('Expected requests by time, such as 10/s, 30/30s or default.');
  }
}
