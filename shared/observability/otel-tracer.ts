/**
 * The only file that knows OpenTelemetry, loaded when tracing is on. Spans leave in batches over OTLP/HTTP; what the
 * process makes beyond 2,048 waiting ones is dropped, so that a slow receiver costs no memory. The sampler and the batches
 * are set by the variables of the OpenTelemetry specification, which its SDK reads itself.
 */
import {
  type Context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  type Span as ApiSpan,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer as ApiTracer,
} from '@opentelemetry/api';
import {
  parseKeyPairsIntoRecord,
  setGlobalErrorHandler,
  W3CTraceContextPropagator,
} from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { setTimeout as delay } from 'node:timers/promises';
import type { TraceContext } from './trace-context.ts';
import type { Attributes, Span, SpanOptions, TracedProcess, Tracer } from './span.ts';

interface OtelTracerOptions extends TracedProcess {
  readonly endpoint: string;
  /** `name=value,…`, as OTEL_EXPORTER_OTLP_HEADERS has it. */
  readonly headers: string;
}

const KINDS = {
  internal: SpanKind.INTERNAL,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  client: SpanKind.CLIENT,
  server: SpanKind.SERVER,
} as const;

const EXPORT_TIMEOUT_MS = 5_000;
const LAST_EXPORT_MS = 3_000;
const COMPLAIN_EVERY_MS = 60_000;

const propagator = new W3CTraceContextPropagator();

/** Nothing is sent before the first batch is due. `close` sends what waits, and gives up after three seconds. */
export function openOtelTracer(options: OtelTracerOptions): { tracer: Tracer; close: () => Promise<void> } {
  const { endpoint, headers, service, version, processId } = options;
  const complain = complaints(options);
  // Of batches that leave on the way.
  setGlobalErrorHandler(complain);
  const exporter = new OTLPTraceExporter({
    url: `${endpoint}/v1/traces`,
    headers: parseKeyPairsIntoRecord(headers),
    timeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.name': service,
      'service.version': version,
      'service.instance.id': processId,
    }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  return {
    tracer: new OtelTracer(provider.getTracer('enrichment-pipeline', version)),
    close: async () => {
      const late = delay(LAST_EXPORT_MS, undefined, { ref: false }).then(() => {
        throw new Error(`no answer within ${LAST_EXPORT_MS} ms`);
      });
      await Promise.race([provider.shutdown(), late]).catch(complain);
    },
  };
}

/** Spans that do not get away are worth a line, but not one for each batch. */
function complaints({ log }: TracedProcess): (error: unknown) => void {
  let complainedAt = -Infinity;
  return (error) => {
    if (performance.now() - complainedAt < COMPLAIN_EVERY_MS) return;
    complainedAt = performance.now();
    log.warn('spans cannot be exported', { error: error instanceof Error ? error.message : String(error) });
  };
}

class OtelTracer implements Tracer {
  readonly #tracer: ApiTracer;

  constructor(tracer: ApiTracer) {
    this.#tracer = tracer;
  }

  start(name: string, { kind, parent, links = [], attributes = {}, startedAt }: SpanOptions): Span {
    const linked = links.flatMap((link) => {
      const context = link && trace.getSpanContext(contextOf(link));
      return context === undefined ? [] : [{ context }];
    });
    const span = this.#tracer.startSpan(
      name,
      {
        kind: KINDS[kind],
        links: linked,
        attributes: { ...attributes },
        ...(startedAt === undefined ? {} : { startTime: startedAt }),
      },
      contextOf(parent),
    );
    return new OtelSpan(span);
  }
}

class OtelSpan implements Span {
  readonly span: ApiSpan;

  constructor(span: ApiSpan) {
    this.span = span;
  }

  get context(): TraceContext {
    const carrier = { traceparent: '' };
    propagator.inject(contextOf(this), carrier, defaultTextMapSetter);
    return carrier;
  }

  note(attributes: Attributes): void {
    this.span.setAttributes({ ...attributes });
  }

  rename(name: string): void {
    this.span.updateName(name);
  }

  fail({ kind, name }: Parameters<Span['fail']>[0]): void {
    this.span.setAttribute('error.type', typeof kind === 'string' ? kind : name);
    this.span.setStatus({ code: SpanStatusCode.ERROR });
  }

  end(): void {
    this.span.end();
  }
}

function contextOf(parent: Span | TraceContext | undefined): Context {
  if (parent === undefined) return ROOT_CONTEXT;
  if (parent instanceof OtelSpan) return trace.setSpan(ROOT_CONTEXT, parent.span);
  return propagator.extract(ROOT_CONTEXT, parent, defaultTextMapGetter);
}
