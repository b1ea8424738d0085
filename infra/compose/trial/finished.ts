import { readFileSync } from 'node:fs';

/**
 * How many tasks the workers said they had finished, and which of them more than once: those were delivered again after their
 * row was committed.
 */
export function finishedTasks(logFile: string): { readonly once: number; readonly again: readonly string[] } {
  const counts = new Map<string, number>();
  for (const line of readFileSync(logFile, 'utf8').split('\n')) {
    const taskId = finishedIn(line);
    if (taskId !== undefined) counts.set(taskId, (counts.get(taskId) ?? 0) + 1);
  }
  const again = [...counts].filter(([, count]) => count > 1).map(([taskId]) => taskId);
  return { once: counts.size - again.length, again };
}

/** A line of a worker's log that reports an outcome and is not about a cache hit on the way. */
function finishedIn(line: string): string | undefined {
  if (!line.includes('"outcome"') || line.includes('cache hit:')) return undefined;
  try {
    // Compose puts terminal codes before a line, even into a file.
    return (JSON.parse(line.slice(line.indexOf('{'))) as { taskId?: string }).taskId;
  } catch {
    return undefined;
  }
}
