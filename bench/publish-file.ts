/** `enrich publish` of a large file by the compiled command line, as it is installed: how fast, and how much memory. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { instanceOf } from '../infra/local-stack/instance.ts';
import { currentEnvironment } from '../shared/runtime/environment.ts';
import type { BenchSystem } from './bench-system.ts';
import { compiled } from './compiled.ts';
import { memoryMb } from './process-memory.ts';
import { ENTRY_QUEUE, openBenchQueue } from './warm/bench-queue.ts';

export interface PublishFileResult {
  readonly rows: number;
  readonly seconds: number;
  readonly rowsPerSecond: number;
  /** What the process took at a tenth of the rows and in all, in MB: flat = the two are near each other. */
  readonly peakMbAtATenth: number;
  /** The target is 150. */
  readonly peakMb: number;
}

const LOOK_EVERY_MS = 100;

export async function measurePublishFile(
  system: BenchSystem,
  { rows, say }: { readonly rows: number; readonly say: (line: string) => void },
): Promise<PublishFileResult> {
  const { root, stateDir } = instanceOf('bench');
  const file = join(stateDir, 'rows.csv');
  await pipeline(Readable.from(linesOf(rows)), createWriteStream(file));
  const queue = await openBenchQueue(system.urls.RABBITMQ_URL);
  try {
    say(`${rows} rows are published`);
    const began = performance.now();
    const { peakMb, peakMbAtATenth } = await published(system, { root, file, rows }, () =>
      queue.messages(ENTRY_QUEUE),
    );
    const seconds = (performance.now() - began) / 1_000;
    return { rows, seconds, rowsPerSecond: rows / seconds, peakMbAtATenth, peakMb };
  } finally {
    await queue.purge(ENTRY_QUEUE);
    await queue.close();
    await rm(file);
  }
}

async function published(
  system: BenchSystem,
  { root, file, rows }: { readonly root: string; readonly file: string; readonly rows: number },
  inQueue: () => Promise<number>,
): Promise<Pick<PublishFileResult, 'peakMb' | 'peakMbAtATenth'>> {
  // As the package's own entry starts it.
  const args = [
    '--max-semi-space-size=4',
    '--max-old-space-size=256',
    join(root, compiled('services/cli/main.ts')),
    'publish',
    file,
  ];
  const child = spawn(process.execPath, args, {
    env: { ...currentEnvironment(), ...system.urls },
    stdio: ['ignore', 'ignore', 2],
  });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  let peakMb = 0;
  let peakMbAtATenth: number | undefined;
  while (child.exitCode === null && child.signalCode === null) {
    peakMb = Math.max(peakMb, memoryOf(child.pid));
    if (peakMbAtATenth === undefined && (await inQueue()) >= rows / 10) peakMbAtATenth = peakMb;
    await Promise.race([ended, delay(LOOK_EVERY_MS)]);
  }
  const [code] = await ended;
  if (code !== 0) throw new Error(`enrich publish ended with ${code ?? 'a signal'}`);
  return { peakMb, peakMbAtATenth: peakMbAtATenth ?? peakMb };
}

/** 0 once it is gone. */
function memoryOf(pid = 0): number {
  try {
    return memoryMb(pid, 'VmHWM');
  } catch {
    return 0;
  }
}

function* linesOf(rows: number): Generator<string> {
  yield 'track_id,artist,title,album\n';
  for (let at = 0; at < rows; at += 1)
    yield `row-${at},Artist Number ${at % 997},A Song Called ${at},The Album of ${at % 301}\n`;
}
