/** The servers under a system: what was there before stays, what was started for it goes. */
import { startStack, stackStatus, stopStack } from '../local-stack/stack.ts';
import type { StackUrls } from '../local-stack/state.ts';

export interface OwnStack {
  readonly urls: StackUrls;
  /** They served already when this run came. */
  readonly wereUp: boolean;
  /** Does nothing to servers that were up before. */
  stop(): Promise<void>;
}

export interface OwnStackOptions {
  readonly name: string;
  readonly report: (line: string) => void;
  /** The data is made for this run, and is removed with it unless it was there before. */
  readonly isDisposable: boolean;
}

/** Resolves when the servers serve; rejects as `startStack` does. */
export async function openOwnStack({ name, report, isDisposable }: OwnStackOptions): Promise<OwnStack> {
  const before = await stackStatus({ name });
  const wereUp = before?.servers.every(({ problem }) => problem === undefined) ?? false;
  const urls = await startStack({ name, disposable: isDisposable, report });
  return {
    urls,
    wereUp,
    stop: async () => {
      if (!wereUp) await stopStack({ name, purge: isDisposable && before === undefined });
    },
  };
}
