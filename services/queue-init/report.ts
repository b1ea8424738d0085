import type { Declared } from '../../shared/rabbitmq/declare.ts';

/** What was created and found, one line each; a drift with what differs and what to do. */
export function reportLines(report: readonly Declared[], queueType: string): string[] {
  const lines = report.flatMap(({ kind, name, status, differences }) => [
    `${status.padEnd(8)} ${kind === 'bindings' ? '' : `${kind} `}${name}`,
    ...(differences ?? []).map((difference) => `           ${difference}`),
  ]);
  const count = (status: Declared['status']): number => report.filter((one) => one.status === status).length;
  const summary = `${count('created')} created, ${count('found')} found, ${count('drift')} different (queue type ${queueType})`;
  if (count('drift') === 0) return [...lines, summary];
  return [
    ...lines,
    summary,
    'Nothing was changed or deleted. Arguments of a queue cannot change: drain it and delete it by hand, or set',
    'ENRICHMENT_QUEUE_TYPE to the type that is there, then run queue-init again.',
  ];
}
