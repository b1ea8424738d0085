import type { BenchSystem } from './bench-system.ts';

/** Each request to the provider takes so long, and it allows as many as come. */
export async function makeSlow(system: BenchSystem, provider: string, latencyMs: number): Promise<void> {
  await system.control('PUT', '/tuning', { latency: 0 });
  await system.control('PUT', '/limits', {
    provider,
    count: 1_000_000,
    window_ms: 1_000,
    connections: 10_000,
  });
  await system.control('POST', '/faults', { provider, kind: 'latency', ms: latencyMs });
}
