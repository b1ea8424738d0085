/**
 * Requests that are sent when they are due, whether or not the ones before were answered, as many clients do who know
 * nothing of each other. A latency counts from the moment in which its request was due: what a slow answer makes others
 * wait for is in the figures.
 */
import { Agent, get } from 'node:http';

export interface OpenLoop {
  readonly perSecond: number;
  readonly connections: number;
  readonly seconds: number;
  readonly authorization: string;
  /** Address of the n-th request. */
  readonly urlOf: (at: number) => string;
}

export interface OpenLoopResult {
  /** Milliseconds, of those that were answered with 200. */
  readonly latencies: readonly number[];
  /** Answered otherwise, or not at all. */
  readonly failed: number;
}

const TICK_MS = 1;

export async function runOpenLoop(loop: OpenLoop): Promise<OpenLoopResult> {
  // The connection that was idle the longest is next: all of them are used.
  const agent = new Agent({ keepAlive: true, maxSockets: loop.connections, scheduling: 'fifo' });
  const ask = (at: number): Promise<boolean> => isAnswered(agent, loop.urlOf(at), loop.authorization);
  await Promise.all(Array.from({ length: loop.connections }, (_, at) => ask(at)));
  const latencies: number[] = [];
  let failed = 0;
  const answers: Promise<void>[] = [];
  const began = performance.now();
  const count = loop.perSecond * loop.seconds;
  const send = (at: number): void => {
    const due = began + (at * 1_000) / loop.perSecond;
    const answered = ask(at).then((isGood) => {
      if (isGood) latencies.push(performance.now() - due);
      else failed += 1;
    });
    answers.push(answered);
  };
  await new Promise<void>((resolve) => {
    let sent = 0;
    const timer = setInterval(() => {
      const due = Math.min(count, Math.ceil(((performance.now() - began) * loop.perSecond) / 1_000));
      while (sent < due) send(sent++);
      if (sent < count) return;
      clearInterval(timer);
      resolve();
    }, TICK_MS);
  });
  await Promise.all(answers);
  agent.destroy();
  return { latencies, failed };
}

function isAnswered(agent: Agent, url: string, authorization: string): Promise<boolean> {
  return new Promise((resolve) => {
    get(url, { agent, headers: { authorization } }, (response) => {
      response.resume().once('end', () => {
        resolve(response.statusCode === 200);
      });
      response.once('error', () => {
        resolve(false);
      });
    }).once('error', () => {
      resolve(false);
    });
  });
}
