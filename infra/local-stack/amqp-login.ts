/**
 * As much of AMQP 0-9-1 as it takes to know that a broker lets a user into a virtual host:
 * header → start → start-ok → tune → tune-ok, open → open-ok → close. No AMQP client is at hand here: the one of the project
 * belongs to shared/rabbitmq, and it retries where a health check must answer.
 */
import type { Socket } from 'node:net';

import { exchange, type Progress } from './exchange.ts';

const HEADER = Buffer.from('AMQP\0\0\x09\x01', 'latin1');
const START = method(10, 10);
const TUNE = method(10, 30);
const OPEN_OK = method(10, 41);
const FRAME_HEADER_BYTES = 7;

function method(classId: number, methodId: number): number {
  return classId * 65_536 + methodId;
}

const shortText = (value: string): Buffer =>
  Buffer.concat([Buffer.from([Buffer.byteLength(value)]), Buffer.from(value)]);

function longText(value: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(value));
  return Buffer.concat([length, Buffer.from(value)]);
}

function frame(id: number, ...parts: Buffer[]): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(id);
  const payload = Buffer.concat([head, ...parts]);
  const size = Buffer.alloc(FRAME_HEADER_BYTES);
  size[0] = 1;
  size.writeUInt32BE(payload.length, 3);
  return Buffer.concat([size, payload, Buffer.from([0xce])]);
}

/** Resolves when the broker opened the virtual host of the URL for its user; throws with the reason otherwise. */
export async function checkAmqp(url: string, timeoutMs: number): Promise<void> {
  const { username, password, pathname } = new URL(url);
  const vhost = decodeURIComponent(pathname.slice(1)) || '/';
  await exchange(url, { port: 5672, timeoutMs, opening: HEADER }, (socket, received) => {
    if (received.length < FRAME_HEADER_BYTES) return 'more';
    if (received.subarray(0, 4).toString('latin1') === 'AMQP') throw new Error('speaks another AMQP version');
    const size = received.readUInt32BE(3);
    if (received.length < FRAME_HEADER_BYTES + size + 1) return 'more';
    const payload = received.subarray(FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + size);
    return answer(socket, payload, { username, password, vhost });
  });
}

/** Sends what the protocol wants next. */
function answer(
  socket: Socket,
  payload: Buffer,
  login: { username: string; password: string; vhost: string },
): Progress {
  switch (payload.readUInt32BE(0)) {
    case START: {
      const response = `\0${decodeURIComponent(login.username)}\0${decodeURIComponent(login.password)}`;
      socket.write(
        frame(method(10, 11), longText(''), shortText('PLAIN'), longText(response), shortText('en_US')),
      );
      return 'answered';
    }
    case TUNE:
      // The broker's own limits back, and no heartbeat: this connection lives for milliseconds.
      socket.write(frame(method(10, 31), payload.subarray(4, 10), Buffer.from([0, 0])));
      socket.write(frame(method(10, 40), shortText(login.vhost), shortText(''), Buffer.from([0])));
      return 'answered';
    case OPEN_OK:
      socket.write(frame(method(10, 50), Buffer.from([0, 200]), shortText(''), Buffer.alloc(4)));
      return 'done';
    default:
      throw new Error('refused the login or the virtual host');
  }
}
