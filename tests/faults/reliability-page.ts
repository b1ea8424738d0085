/** The table of docs/reliability.md, made from the documents of runs. The prose around it is written by hand. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { Report } from './report.ts';
import type { Result } from './run-fault.ts';

const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'reliability.md');
const BEGIN = '<!-- made by: npm run -s faults -- --page -->';
const END = '<!-- end -->';

/** Writes the table of these runs into the page. Throws when a file is no document of a run. */
export async function writeReliabilityPage(files: readonly string[]): Promise<void> {
  const reports = files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Report);
  const page = readFileSync(PAGE, 'utf8');
  const [before, rest] = split(page, BEGIN);
  const [, after] = split(rest, END);
  const text = [before, BEGIN, '', ...reports.flatMap(sectionOf), END, after].join('\n');
  const options = await resolveConfig(PAGE);
  writeFileSync(PAGE, await format(text, { ...options, parser: 'markdown' }));
}

function split(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`${PAGE}: '${mark}' is missing`);
  return [text.slice(0, at).trimEnd(), text.slice(at + mark.length).trimStart()];
}

function sectionOf(report: Report): string[] {
  const versions = Object.entries(report.versions).map(([name, version]) => `${name} ${version}`);
  const held = report.results.filter((one) => one.held).length;
  const seed = report.results[0]?.seed ?? 1;
  return [
    `### ${report.date.slice(0, 10)}: ${held} of ${report.results.length + report.broken.length} held`,
    '',
    `\`${report.command}\`, seed ${seed}, ${versions.join(', ')}, ${report.cores} cores.`,
    '',
    '| id | fault | what is done | queues | tasks | working again | caught up | redelivered | looked up again | invariants |',
    '| --- | --- | --- | --- | --: | --: | --: | --: | --: | --- |',
    ...report.results.map(rowOf),
    ...report.broken.map(
      ({ id, queueType }) => `| ${id} | | could not be brought about | ${queueType} | | | | | | |`,
    ),
    '',
  ];
}

function rowOf(result: Result): string {
  const broken = result.checks.filter(({ held }) => !held);
  const verdict =
    broken.length === 0
      ? `${result.checks.length} held`
      : `broken: ${broken.map(({ name, detail }) => `${name} (${short(detail)})`).join('; ')}`;
  const cells = [
    ...[result.id, result.title, result.injection, result.queueType, result.tasks],
    ...[seconds(result.workingAgainS), seconds(result.caughtUpS), result.redelivered],
    ...[result.repeatedLookUps, verdict],
  ];
  return `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
}

const seconds = (value: number | null): string => (value === null ? 'never' : `${value.toFixed(1)} s`);
const short = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text);
