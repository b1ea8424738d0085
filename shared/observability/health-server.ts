/** `/healthz` (alive), `/readyz` (does its work) and `/metrics` of a process, on a port of their own. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

export interface HealthReport {
  readonly ok: boolean;
  /** What is wrong or worth knowing, by part. */
  readonly details: Readonly<Record<string, unknown>>;
}

export interface HealthServerOptions {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly registry: Registry;
  /** False = restart me. Says nothing about the broker or the database: their outage is no reason for a restart. */
  readonly health: () => HealthReport;
  readonly readiness: () => HealthReport;
}

export interface HealthServer {
  readonly url: string;
  close(): Promise<void>;
}

export async function openHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const server = createServer((request, response) => {
    if (request.url === '/healthz') sendReport(response, options.health());
    else if (request.url === '/readyz') sendReport(response, options.readiness());
    else if (request.url === '/metrics') void sendMetrics(response, options.registry);
    else response.writeHead(404).end();
  });
  await listen(server, options.host, options.port);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}

function sendReport(response: ServerResponse, report: HealthReport): void {
  response.writeHead(report.ok ? 200 : 503, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ status: report.ok ? 'ok' : 'unavailable', ...report.details }));
}

async function sendMetrics(response: ServerResponse, registry: Registry): Promise<void> {
  try {
    const body = await registry.metrics();
    response.writeHead(200, { 'content-type': registry.contentType }).end(body);
  } catch (error) {
    response.writeHead(500, { 'content-type': 'text/plain' }).end((error as Error).message);
  }
}
