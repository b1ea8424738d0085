import type { Command } from 'commander';
import { addDiscard } from './dlq/discard.ts';
import { addEdit } from './dlq/edit.ts';
import { addExport } from './dlq/export.ts';
import { addGroups } from './dlq/groups.ts';
import { addList } from './dlq/list.ts';
import { addReindex } from './dlq/reindex.ts';
import { addReplay } from './dlq/replay.ts';
import { addRestore } from './dlq/restore.ts';
import { addShow } from './dlq/show.ts';

const HELP = `
Where to begin:
  $ enrich dlq groups                     what they died of, and how many of each
  $ enrich dlq list --group 3fa9          the letters of one cause
  $ enrich dlq replay --group 3fa9        five of them first, then the rest

Exit codes: 0 done, 2 usage, 3 done but some came back or were left, 5 no such letter, 75 servers away or another sweep at work, 130 Ctrl-C.`;

/** `enrich dlq …`: dead letters, from the index for reading, in their queues for everything else. */
export function addDlq(program: Command): void {
  const dlq = program.command('dlq').description('Find out about dead letters, and do something about them.');
  dlq.addHelpText('after', HELP);
  for (const add of [
    addGroups,
    addList,
    addShow,
    addReplay,
    addEdit,
    addDiscard,
    addRestore,
    addExport,
    addReindex,
  ])
    add(dlq);
}
