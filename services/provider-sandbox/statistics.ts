const RATE_WINDOW_MS = 10_000;
/** A refusal needs a moment to reach the client: what was under way by then is no disobedience. */
const REACTION_MS = 250;

export interface ProviderFigures {
  readonly requests: number;
  /** Token requests; neither limited nor counted among the requests. */
  readonly token_requests: number;
  readonly served: number;
  /** Refused, by the limit or by a fault. */
  readonly rejected: number;
  /** Requests above the limit of the service's own window. */
  readonly violations: number;
  /** Requests that came before the end of a Retry-After. */
  readonly before_retry_after: number;
  readonly by_status: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  readonly in_flight: number;
  readonly worst_in_flight: number;
  /** Most requests that arrived within one window of the limit, wherever it began. */
  readonly worst_window: number;
  /** Shortest time between two arrivals; null before the second. */
  readonly min_spacing_ms: number | null;
  /** Arrivals a second over the last ten seconds. */
  readonly rate_per_s: number;
  /** Epoch milliseconds. */
  readonly first_at: number | null;
  readonly last_at: number | null;
}

/** Counts one provider's requests by arrival time: the judge of whoever claims to respect a limit. */
export class Statistics {
  #requests = 0;
  #tokenRequests = 0;
  #served = 0;
  #rejected = 0;
  #violations = 0;
  #early = 0;
  #worstInFlight = 0;
  #worstWindow = 0;
  #minSpacingMs = Infinity;
  #firstAt: number | null = null;
  #lastAt: number | null = null;
  #previousMs = Number.NEGATIVE_INFINITY;
  #stayAway = { from: Infinity, until: 0 };
  readonly #byStatus: Record<string, number> = {};
  readonly #faults: Record<string, number> = {};
  /** Arrivals within the longer of rate window and limit window, oldest first. */
  #arrivals: number[] = [];

  /** `nowMs` is of a monotonic clock. */
  arrived(nowMs: number, windowMs: number, inFlight: number): void {
    this.#requests += 1;
    this.#lastAt = Date.now();
    this.#firstAt ??= this.#lastAt;
    this.#minSpacingMs = Math.min(this.#minSpacingMs, nowMs - this.#previousMs);
    this.#previousMs = nowMs;
    this.#worstInFlight = Math.max(this.#worstInFlight, inFlight);
    if (nowMs > this.#stayAway.from + REACTION_MS && nowMs < this.#stayAway.until) this.#early += 1;
    this.#arrivals.push(nowMs);
    this.#trim(nowMs - Math.max(windowMs, RATE_WINDOW_MS));
    this.#worstWindow = Math.max(this.#worstWindow, this.#countSince(nowMs - windowMs));
  }

  violated(): void {
    this.#violations += 1;
  }

  tokenAsked(): void {
    this.#tokenRequests += 1;
  }

  faulted(kind: string): void {
    this.#faults[kind] = (this.#faults[kind] ?? 0) + 1;
  }

  /** `status` is `none` when the connection was cut before one was sent. */
  answered(status: number | 'none', retryAfterSeconds: number | undefined, nowMs: number): void {
    this.#byStatus[status] = (this.#byStatus[status] ?? 0) + 1;
    if (status === 200) this.#served += 1;
    if (status === 429 || status === 503) this.#rejected += 1;
    if (retryAfterSeconds !== undefined && retryAfterSeconds > 0) {
      this.#stayAway = { from: nowMs, until: nowMs + retryAfterSeconds * 1_000 };
    }
  }

  figures(nowMs: number, inFlight: number): ProviderFigures {
    const recent = this.#countSince(nowMs - RATE_WINDOW_MS);
    return {
      requests: this.#requests,
      token_requests: this.#tokenRequests,
      served: this.#served,
      rejected: this.#rejected,
      violations: this.#violations,
      before_retry_after: this.#early,
      by_status: { ...this.#byStatus },
      faults: { ...this.#faults },
      in_flight: inFlight,
      worst_in_flight: this.#worstInFlight,
      worst_window: this.#worstWindow,
      min_spacing_ms: this.#minSpacingMs === Infinity ? null : Math.round(this.#minSpacingMs * 10) / 10,
      rate_per_s: recent / (RATE_WINDOW_MS / 1_000),
      first_at: this.#firstAt,
      last_at: this.#lastAt,
    };
  }

  /** Arrivals later than `sinceMs`; binary search, since this runs for every request. */
  #countSince(sinceMs: number): number {
    let low = 0;
    let high = this.#arrivals.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#arrivals[middle] ?? 0) > sinceMs) high = middle;
      else low = middle + 1;
    }
    return this.#arrivals.length - low;
  }

  /** Drops in bulk: cutting one element at a time would cost as much as the rest of a request. */
  #trim(beforeMs: number): void {
    if (this.#arrivals.length % 1_024 !== 0) return;
    const kept = this.#countSince(beforeMs);
    this.#arrivals = this.#arrivals.slice(this.#arrivals.length - kept);
  }
}
