/** Clients that watch jobs over Server-Sent Events, and read whatever comes. */
import { Agent, get, type IncomingMessage } from 'node:http';

export interface EventStreams {
  /** Messages that the client with the fewest has got. */
  fewestMessages(): number;
  close(): void;
}

/** Resolves when all of them are open. */
export async function openStreams(urls: readonly string[], authorization: string): Promise<EventStreams> {
  const agent = new Agent({ maxSockets: urls.length });
  const messages = urls.map(() => 0);
  const responses = await Promise.all(urls.map((url) => open(agent, url, authorization)));
  for (const [at, response] of responses.entries()) {
    response.setEncoding('utf8').on('data', (text: string) => {
      messages[at] = (messages[at] ?? 0) + text.split('\nevent: ').length - 1;
    });
    // They are cut at the end.
    response.on('error', () => undefined);
  }
  return {
    fewestMessages: () => Math.min(...messages),
    close: () => {
      for (const response of responses) response.destroy();
    },
  };
}

function open(agent: Agent, url: string, authorization: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { agent, headers: { authorization } }, (response) => {
      if (response.statusCode === 200) resolve(response);
      else reject(new Error(`${url} answers ${response.statusCode ?? 'nothing'}`));
    }).once('error', reject);
  });
}
