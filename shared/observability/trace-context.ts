/** Which trace a message belongs to, as W3C Trace Context writes it: in headers, for whatever language reads them. */

export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** Header that names the span of an earlier life: the try before this one, or the death before a replay. */
export const TRACE_LINK = 'x-trace-link';

type Headers = Readonly<Record<string, unknown>>;

/** Of any version: those to come may only add to its end. */
const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}/;
const MAX_PARENT = 64;
/** Such a list may be cut, and must not be passed on in part. */
const MAX_STATE = 512;

/** The context in these headers; undefined when there is none, or something else under its name. */
export function traceContextOf(headers: Headers | undefined): TraceContext | undefined {
  const traceparent = parentIn(headers, 'traceparent');
  if (traceparent === undefined) return undefined;
  const tracestate = headers?.['tracestate'];
  return typeof tracestate === 'string' && tracestate.length <= MAX_STATE
    ? { traceparent, tracestate }
    : { traceparent };
}

/** The earlier life that these headers name. */
export function traceLinkOf(headers: Headers | undefined): TraceContext | undefined {
  const traceparent = parentIn(headers, TRACE_LINK);
  return traceparent === undefined ? undefined : { traceparent };
}

function parentIn(headers: Headers | undefined, name: string): string | undefined {
  const value = headers?.[name];
  return typeof value === 'string' && value.length <= MAX_PARENT && TRACEPARENT.test(value)
    ? value
    : undefined;
}
