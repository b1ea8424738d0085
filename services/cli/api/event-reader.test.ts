import { readEvents, type ServerEvent } from './event-reader.ts';

async function eventsIn(chunks: readonly string[]): Promise<readonly ServerEvent[]> {
  const encoder = new TextEncoder();
  async function* body(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield encoder.encode(chunk);
  }
  const events: ServerEvent[] = [];
  for await (const event of readEvents(body())) events.push(event);
  return events;
}

test('an event is the same however the network cuts it', async () => {
  const text = 'id: 7\nevent: job.progress\ndata: {"a":"é"}\n\n';
  const expected = [{ id: '7', event: 'job.progress', data: '{"a":"é"}' }];
  expect(await eventsIn([text])).toEqual(expected);
  expect(await eventsIn(Array.from(text))).toEqual(expected);
});

test('heartbeats and retry times are no events', async () => {
  expect(await eventsIn(['retry: 3000\n\n: still here\n\nevent: end\ndata: {}\n\n'])).toEqual([
    { event: 'end', data: '{}' },
  ]);
});

test('an event that is cut off by the end is none', async () => {
  expect(await eventsIn(['id: 1\nevent: job.progress\ndata: {'])).toEqual([]);
});
