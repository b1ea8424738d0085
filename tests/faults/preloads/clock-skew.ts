/** Loaded into a worker before its own code: its wall clock is off by `FAULT_CLOCK_SKEW_MS`; the monotonic one is right. */

const skewMs = Number(process.env['FAULT_CLOCK_SKEW_MS'] ?? 0);
const RealDate = Date;

class SkewedDate extends RealDate {
  constructor(...args: readonly unknown[]) {
    if (args.length === 0) super(RealDate.now() + skewMs);
    else super(...(args as [number]));
  }

  static override now(): number {
    return RealDate.now() + skewMs;
  }
}

globalThis.Date = SkewedDate as DateConstructor;
