import { SILENT } from '../../shared/observability/log.ts';
import { tracks } from '../../shared/pipelines/tracks/index.ts';
import { PublishError } from '../../shared/rabbitmq/publish-error.ts';
import type { OutgoingMessage } from '../../shared/rabbitmq/outgoing-message.ts';
import { readLetter } from '../../shared/task/dead-letter.ts';
import { createResultEvents } from './result-events.ts';
import type { Buried } from './finished-task.ts';

const buried = (): Buried =>
  ({
    pipeline: tracks,
    lane: 'priority',
    letter: readLetter({ content: Buffer.from('no JSON'), properties: { messageId: 'm1' } }, tracks.name),
  }) as unknown as Buried;

async function told(refusal?: PublishError): Promise<OutgoingMessage[]> {
  const sent: OutgoingMessage[] = [];
  const tell = createResultEvents({
    log: SILENT,
    publisher: {
      publish: async (message) => {
        sent.push(message);
        if (refusal !== undefined) throw refusal;
      },
    },
  });
  await tell(buried());
  return sent;
}

test('what could never be read is told as dead, under the id of its letter', async () => {
  const [message] = await told();
  expect(message).toMatchObject({
    exchange: 'enrichment.results',
    routingKey: 'tracks.dead',
    messageId: 'm1',
  });
  const event = JSON.parse(message?.body.toString() ?? '') as object;
  expect(event).toMatchObject({ task_id: 'm1', job_id: null, outcome: 'dead', enriched: {} });
});

test('nobody who listens, and a queue that refuses, are no reason to tell it again', async () => {
  for (const reason of ['unroutable', 'refused'] as const) {
    expect(await told(new PublishError(reason, 'no'))).toHaveLength(1);
  }
});

test('a publisher that is closed has not told it: the task must not be acknowledged', async () => {
  await expect(told(new PublishError('closed', 'closed'))).rejects.toThrow('closed');
});
