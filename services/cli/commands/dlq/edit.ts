import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { edit, editedTask } from '../../../../shared/dead-letters/edit.ts';
import { InputError } from '../../../../shared/input/raw-row.ts';
import { pipelineNamed, pipelines } from '../../../../shared/pipelines/registry.ts';
import { findLetters } from '../../../../shared/postgres/dead-letter-search.ts';
import type { Fields, Json } from '../../../../shared/task/fields.ts';
import { withDesk } from '../../dlq/with-desk.ts';
import { EXIT } from '../../exit-code.ts';

const EXAMPLES = `
The patch is a JSON merge patch (RFC 7396): null removes a field. The edited task gets an id of its own and is sent on its
way; the letter is marked edited and names it. The audit log keeps who changed what.

Examples:
  $ enrich dlq edit t42 --patch '{"title": "Strobe"}'
  $ enrich dlq edit t42 --patch @patch.json`;

interface EditFlags {
  readonly patch: string;
  readonly pipeline?: string;
  readonly json?: boolean;
}

/** `enrich dlq edit`. */
export function addEdit(dlq: Command): void {
  dlq
    .command('edit')
    .description('Change the task of one letter, and send it on its way.')
    .argument('<id>', 'id of the letter')
    .requiredOption('--patch <json>', 'JSON merge patch, or @file')
    .option('--pipeline <name>', 'where several pipelines have a letter of this id')
    .option('--json', 'print one JSON document instead of text')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, flags: EditFlags) => {
      process.exitCode = await editLetter(id, flags);
    });
}

async function editLetter(id: string, flags: EditFlags): Promise<number> {
  const patch = parsePatch(flags.patch);
  return withDesk(async ({ desk, signal, progress }) => {
    const found = (await findLetters(desk.pool, id)).filter(
      (letter) =>
        letter.state === 'waiting' && (flags.pipeline === undefined || letter.pipeline === flags.pipeline),
    );
    const [letter] = found;
    if (letter === undefined) return notFound(id);
    if (found.length > 1) {
      const names = pipelines.map(({ name }) => name).join(' or ');
      throw new InputError(`several dead letters have the id '${id}': say --pipeline ${names}`);
    }
    const pipeline = pipelineNamed(letter.pipeline);
    if (pipeline === undefined) throw new InputError(`there is no pipeline '${letter.pipeline}'`);
    // Refused before the queue is touched.
    editedTask(pipeline, { ...letter, priority: 5 }, patch);
    let [seen, bound] = [0, 0];
    progress.start(() => ({ count: seen, ...(bound > 0 && { fraction: seen / bound }) }));
    const request = { pipeline, id: letter.id, patch };
    const end = await edit(desk, request, {
      signal,
      onProgress: (now) => {
        ({ seen, bound } = now);
      },
    });
    progress.end();
    if (end.taskId === undefined) return signal.aborted ? EXIT.interrupted : notFound(id);
    process.stdout.write(
      flags.json === true
        ? `${JSON.stringify({ id: letter.id, replaced_by: end.taskId })}\n`
        : `Replaced by task ${end.taskId}, which is on its way.\n`,
    );
    return EXIT.ok;
  });
}

function notFound(id: string): number {
  process.stderr.write(`enrich: no dead letter '${id}' is waiting\n`);
  return EXIT.notFound;
}

function parsePatch(given: string): Fields {
  try {
    const text = given.startsWith('@') ? readFileSync(given.slice(1), 'utf8') : given;
    const patch = JSON.parse(text) as Json;
    if (typeof patch === 'object' && patch !== null && !Array.isArray(patch)) return patch;
  } catch (error) {
    throw new InputError(`--patch: ${(error as Error).message}`);
  }
  throw new InputError('--patch: expected a JSON object');
}
