/** What the code knows of a span: OpenTelemetry stays behind it. */
import type { Log } from './log.ts';
import type { TraceContext } from './trace-context.ts';

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface Span {
  /** What a message carries so that whoever gets it goes on with this span. */
  readonly context: TraceContext;
  note(attributes: Attributes): void;
  /** For a name that is known at the end only. */
  rename(name: string): void;
  /** Marks it as failed, by the kind of the error, else its name: its text may hold what no attribute should. */
  fail(error: { readonly name: string; readonly kind?: unknown }): void;
  /** Once. */
  end(): void;
}

export interface SpanOptions {
  readonly kind: 'internal' | 'producer' | 'consumer' | 'client' | 'server';
  /** Absent = the span begins a trace. */
  readonly parent?: Span | TraceContext | undefined;
  readonly links?: readonly (TraceContext | undefined)[];
  readonly attributes?: Attributes;
  /** Epoch milliseconds; absent = now. */
  readonly startedAt?: number;
}

export interface Tracer {
  start(name: string, options: SpanOptions): Span;
}

export interface TracedProcess {
  readonly service: string;
  readonly version: string;
  readonly processId: string;
  readonly log: Log;
}
