import type { SettingGroup } from './setting-groups.ts';

const INTRODUCTION = `# Every setting of every process with its default, commented out but for those of docker compose. To use it from a clone:
#   cp .env.example .env      then take the # away from what is to be another value; docker compose reads it as it is
#   set -a; . ./.env; set +a  in the shell from which you start something else
# Secrets may also be given as files: <KEY>_FILE=/path. The table with bounds is docs/configuration.md; this file is made
# from the same settings by npm run -s docs:generate.
`;

/** The file as a shell reads it: one comment and one assignment, mostly commented out, for each key. */
export function envExample(groups: readonly SettingGroup[]): string {
  const sections = groups.map(({ title, settings, isAssigned = false }) => {
    const lines = settings.map(
      ({ key, doc, default: value = '' }) =>
        `# ${doc}\n${isAssigned ? '' : '# '}${key}=${shellWord(value)}\n`,
    );
    return `\n# --- ${title} ---\n\n${lines.join('\n')}`;
  });
  return INTRODUCTION + sections.join('');
}

const shellWord = (value: string): string =>
  /^[\w@%+=:,./-]*$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
