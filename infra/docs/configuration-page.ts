import { markdownRow } from './markdown-row.ts';
import type { DocumentedSetting, SettingGroup } from './setting-groups.ts';

const INTRODUCTION = `# Configuration

Made from the code by \`npm run -s docs:generate\`: change the settings, not this page.

Every process reads its settings from the environment when it starts. A value that does not parse, or a required key that is
missing, ends the process with exit code 2 and a message that names every bad key at once. An empty value counts as not set.

A secret never appears in logs, and may be given as a file instead: \`<KEY>_FILE\` is the path of a file whose content, without
the blanks at its ends, is the value. Where both are set the variable counts.

\`.env.example\` lists the same keys with their defaults. "Read by" names folders of \`services/\`, and two commands: \`migrate\` is
\`npm run migrate\`, \`stack\` is what brings up the servers of \`npm run demo\`, \`npm start\`, \`npm test\` and \`npm run stack\`.
Those give the addresses of the servers and of the sandbox to the processes that they start, whatever the environment says;
with \`ENRICHMENT_STACK=external\` they take the servers' addresses from it, and then require them.
`;

const COLUMNS = ['Key', 'Default', 'Expected', 'Secret', 'Read by', 'What it is'];

/** The page as Markdown: one table for each group. */
export function configurationPage(groups: readonly SettingGroup[]): string {
  const sections = groups.map(({ title, settings }) =>
    [
      `## ${title}`,
      '',
      markdownRow(COLUMNS),
      markdownRow(COLUMNS.map(() => '---')),
      ...settings.map((setting) => markdownRow(cellsOf(setting))),
      '',
    ].join('\n'),
  );
  return [INTRODUCTION, ...sections].join('\n');
}

function cellsOf(setting: DocumentedSetting): string[] {
  const { key, expected, secret, readBy, doc } = setting;
  return [`\`${key}\``, defaultOf(setting), expected, secret ? 'yes' : '', readBy.join(', '), doc];
}

function defaultOf({ default: value, requiredBy }: DocumentedSetting): string {
  if (value === undefined) return 'required';
  const shown = value === '' ? 'empty' : `\`${value}\``;
  return requiredBy.length === 0 ? shown : `${shown}; required by ${requiredBy.join(', ')}`;
}
