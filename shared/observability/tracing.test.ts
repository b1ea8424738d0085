import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Log, SILENT } from './log.ts';
import { startTracing, tracer } from './tracing.ts';

/** Begins tracing to a receiver that answers with this status, makes a span and ends; what was warned of. */
async function warningsWith(status: number): Promise<unknown[]> {
  const receiver = createServer((request, response) => {
    request.resume();
    request.once('end', () => response.writeHead(status).end());
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const warnings: unknown[] = [];
  const log: Log = { ...SILENT, warn: (...line) => warnings.push(line) };
  const { port } = receiver.address() as AddressInfo;
  const end = await startTracing(
    { tracesEndpoint: `http://127.0.0.1:${port}`, tracesHeaders: 'x-key=secret-of-it' },
    { service: 'test', version: '1', processId: 'test-1', log },
  );
  tracer()?.start('work', { kind: 'internal' }).end();
  await end();
  receiver.closeAllConnections();
  receiver.close();
  return warnings;
}

test('spans that are refused at the end are told in one line, and cost nothing else', async () => {
  const warnings = await warningsWith(401);
  expect(warnings).toEqual([['spans cannot be exported', { error: expect.any(String) as unknown }]]);
  expect(JSON.stringify(warnings)).not.toContain('secret-of-it');
  expect(tracer()).toBeUndefined();
  expect(await warningsWith(200)).toEqual([]);
});
