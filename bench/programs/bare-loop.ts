/**
 * The limit of the warm scenario: consume, GET, upsert of up to 200 rows, acknowledge after the commit, and nothing else.
 * BENCH_ACKS=multi acknowledges a batch with one frame, BENCH_ACKS=single each message by itself.
 */
import { setImmediate as nextTick } from 'node:timers/promises';
import { connect, type ConsumeMessage } from 'amqplib';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { columnsOf, keyOf, readBody, rowOf, SAVE_MANY, type WarmRow } from './warm-row.ts';

const { env } = process;
const BATCH = 200;

const redis = new Redis(env['REDIS_URL'] ?? '');
const pool = new Pool({ connectionString: env['DATABASE_URL'], max: 1 });
const connection = await connect(env['RABBITMQ_URL'] ?? '', { noDelay: true });
const channel = await connection.createChannel();
await channel.prefetch(Number(env['BENCH_PREFETCH']));

let waiting: { message: ConsumeMessage; row: WarmRow }[] = [];
let isWriting = false;

async function take(message: ConsumeMessage): Promise<void> {
  const task = readBody(message.content);
  const answer = await redis.get(keyOf(task));
  waiting.push({ message, row: rowOf(task, answer) });
  if (isWriting) return;
  isWriting = true;
  await nextTick();
  while (waiting.length > 0) {
    const batch = waiting.slice(0, BATCH);
    waiting = waiting.slice(BATCH);
    await pool.query(SAVE_MANY, columnsOf(batch.map(({ row }) => row)));
    acknowledge(batch.map((one) => one.message));
  }
  isWriting = false;
}

/** Redis answers in the order asked: the last message of a batch is the latest, and none before it is open. */
function acknowledge(messages: readonly ConsumeMessage[]): void {
  const last = messages.at(-1);
  if (env['BENCH_ACKS'] === 'multi' && last !== undefined) channel.ack(last, true);
  else for (const message of messages) channel.ack(message);
}

await channel.consume(env['BENCH_QUEUE'] ?? '', (message) => {
  if (message !== null) void take(message);
});
