import type { Command } from 'commander';
import { ServersUnavailable } from '../../../../shared/controls/controls.ts';
import { reconcile } from '../../../../shared/jobs/reconcile.ts';
import { insertAuditEntry } from '../../../../shared/postgres/audit-log.ts';
import { Connection } from '../../../../shared/rabbitmq/connection.ts';
import { loadConfig } from '../../config.ts';
import { type ActorFlag, addActorOption, withControls } from '../../controls/with-controls.ts';
import { interruptible } from '../../interruption.ts';
import { thousands } from '../../progress-line.ts';
import { createStderrLog } from '../../stderr-log.ts';

const CONNECT_MS = 10_000;

const HELP = `
Messages are lost when somebody purges or deletes a queue. The scheduler finds that by itself within some minutes, by two looks;
this is one look, and it is believed: say it when you know that messages are gone. A task that was not lost after all is
settled once all the same.`;

interface Flags extends ActorFlag {
  readonly json?: boolean;
}

/** `enrich jobs reconcile`: on the servers themselves, not over the API. */
export function addReconcile(jobs: Command): void {
  addActorOption(jobs.command('reconcile'))
    .description('Feed tasks again whose messages are lost in the broker, now.')
    .option('--json', 'print one JSON document instead of text')
    .addHelpText('after', HELP)
    .action(async (flags: Flags) => {
      const fedAgain = await withControls(flags, async ({ pool, redis, actor }) => {
        const log = createStderrLog(process.stderr);
        const { rabbitmqUrl: url } = loadConfig();
        const connection = new Connection({ url, name: `enrich-reconcile@${actor}`, log }).start();
        try {
          const signal = interruptible();
          await connection.ready(AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)])).catch(() => {
            if (signal.aborted) throw signal.reason;
            throw new ServersUnavailable('RabbitMQ cannot be used');
          });
          const found = await reconcile({ pool, redis, connection, signal });
          const detail = { fed_again: found.fedAgain };
          await insertAuditEntry(pool, { actor, action: 'jobs.reconcile', target: 'jobs', detail });
          return found.fedAgain;
        } finally {
          await connection.close();
        }
      });
      const text = Object.entries(fedAgain).map(([name, count]) => `${name}: ${thousands(count)} fed again`);
      const said = text.length > 0 ? text.join('\n') : 'No message is missing.';
      process.stdout.write(`${flags.json === true ? JSON.stringify({ fed_again: fedAgain }) : said}\n`);
    });
}
