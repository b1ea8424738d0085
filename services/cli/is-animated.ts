import { currentEnvironment } from '../../shared/runtime/environment.ts';

/** Whether a line may be drawn over: not in a pipe, a log, or a terminal that cannot. */
export function isAnimated(stream: NodeJS.WriteStream): boolean {
  const { TERM, CI } = currentEnvironment();
  return stream.isTTY && TERM !== 'dumb' && CI === undefined;
}
