/** The plain way to use amqplib: for each message a GET, an upsert and an acknowledgement, BENCH_PREFETCH at a time. */
import { connect, type ConsumeMessage } from 'amqplib';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { keyOf, readBody, rowOf, SAVE_ONE } from './warm-row.ts';

const { env } = process;

const redis = new Redis(env['REDIS_URL'] ?? '');
const pool = new Pool({ connectionString: env['DATABASE_URL'], max: 10 });
const connection = await connect(env['RABBITMQ_URL'] ?? '', { noDelay: true });
const channel = await connection.createChannel();
await channel.prefetch(Number(env['BENCH_PREFETCH']));

async function enrich(message: ConsumeMessage): Promise<void> {
  const task = readBody(message.content);
  await pool.query(SAVE_ONE, [...rowOf(task, await redis.get(keyOf(task)))]);
  channel.ack(message);
}

await channel.consume(env['BENCH_QUEUE'] ?? '', (message) => {
  if (message !== null) void enrich(message);
});
