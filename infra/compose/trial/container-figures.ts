import type { TrialProject } from './project.ts';

export interface ContainerFigures {
  readonly name: string;
  readonly cpuPercent: number;
  readonly memoryMb: number;
}

const SCALE: Readonly<Record<string, number>> = { B: 1 / 1_048_576, KiB: 1 / 1_024, MiB: 1, GiB: 1_024 };

/** CPU of one core over about a second, and memory without the page cache, of each worker. */
export async function workerFigures(project: TrialProject): Promise<readonly ContainerFigures[]> {
  const out = await project.run([
    'docker',
    'stats',
    '--no-stream',
    '--format',
    '{{.Name}};{{.CPUPerc}};{{.MemUsage}}',
  ]);
  return out
    .split('\n')
    .filter((line) => line.includes('enrichment-trial-enrichment-worker-'))
    .map((line) => {
      const [name = '', cpu = '', memory = ''] = line.split(';');
      const [, amount = '0', unit = 'B'] = /^([\d.]+)(\w+)/.exec(memory) ?? [];
      return {
        name,
        cpuPercent: Number.parseFloat(cpu),
        memoryMb: Number(amount) * (SCALE[unit] ?? Number.NaN),
      };
    });
}

export const highest = (figures: readonly ContainerFigures[], of: 'cpuPercent' | 'memoryMb'): number =>
  Math.max(0, ...figures.map((one) => one[of]));

export async function imageSizesMb(
  project: TrialProject,
): Promise<{ readonly image: number; readonly base: number }> {
  const sizeOf = async (name: string): Promise<number> =>
    Number(await project.run(['docker', 'image', 'inspect', '--format', '{{.Size}}', name])) / 1_048_576;
  return { image: await sizeOf('enrichment-pipeline:trial'), base: await sizeOf('node:22-bookworm-slim') };
}
