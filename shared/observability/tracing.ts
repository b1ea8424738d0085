/**
 * Spans, when an OTLP endpoint is set. Otherwise nothing of OpenTelemetry is loaded, `tracer()` is undefined, and each
 * place that would make a span pays for reading a variable.
 *
 *   const span = tracer()?.start('look up', { kind: 'internal', parent });
 *
 * Parents are handed on by hand: a context that follows every promise would cost the warm path more than the spans.
 */
import type { Settings } from '../runtime/environment.ts';
import type { tracingSettings } from '../runtime/settings.ts';
import type { Span, SpanOptions, TracedProcess, Tracer } from './span.ts';

let active: Tracer | undefined;

/** Undefined while tracing is off. */
export const tracer = (): Tracer | undefined => active;

/**
 * Begins tracing in this process if an endpoint is set. Resolves with what ends it: the spans of the last seconds are
 * sent then, for a few seconds at most. A receiver that is away costs spans, never work.
 */
export async function startTracing(
  { tracesEndpoint, tracesHeaders }: Settings<typeof tracingSettings>,
  process: TracedProcess,
): Promise<() => Promise<void>> {
  if (tracesEndpoint === '') return () => Promise.resolve();
  const { openOtelTracer } = await import('./otel-tracer.ts');
  const opened = openOtelTracer({ ...process, endpoint: tracesEndpoint, headers: tracesHeaders });
  active = opened.tracer;
  return async () => {
    active = undefined;
    await opened.close();
  };
}

/** Runs `work` in a span that ends with it. `options` are made only when somebody wants them. */
export async function inSpan<T>(
  name: string,
  options: () => SpanOptions,
  work: (span: Span | undefined) => Promise<T>,
): Promise<T> {
  const span = active?.start(name, options());
  if (span === undefined) return work(undefined);
  try {
    return await work(span);
  } catch (error) {
    span.fail(error as Error);
    throw error;
  } finally {
    span.end();
  }
}
