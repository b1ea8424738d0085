import type { Channel, ChannelModel } from 'amqplib';

/**
 * Messages that are ready in each of the queues, asked for on one channel. A queue that is not there is left out.
 * Rejects when the connection fails.
 */
export async function readyCounts(
  model: ChannelModel,
  queues: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  let channel: Channel | undefined;
  for (const queue of queues) {
    channel ??= await openChannel(model);
    try {
      counts.set(queue, (await channel.checkQueue(queue)).messageCount);
    } catch (error) {
      if ((error as { code?: number }).code !== NOT_FOUND) throw error;
      // A refusal closes the channel.
      channel = undefined;
    }
  }
  await channel?.close();
  return counts;
}

const NOT_FOUND = 404;

async function openChannel(model: ChannelModel): Promise<Channel> {
  const channel = await model.createChannel();
  channel.on('error', () => undefined);
  return channel;
}
