/** Counts how often each field of enriched records has a value. */
export class FillRate {
  readonly #fields = new Map<string, number>();
  readonly #statuses = new Map<string, number>();

  count(status: string, enriched: Readonly<Record<string, unknown>>): void {
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
    if (status !== 'enriched') return;
    for (const [field, value] of Object.entries(enriched)) {
      if (isFilled(value)) this.#fields.set(field, (this.#fields.get(field) ?? 0) + 1);
    }
  }

  /** Tasks by status. */
  get statuses(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#statuses);
  }

  /** Field → share of the enriched ones that have it, the fullest first. */
  get rates(): Readonly<Record<string, number>> {
    const enriched = this.#statuses.get('enriched') ?? 0;
    const sorted = [...this.#fields].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    return Object.fromEntries(
      sorted.map(([field, count]) => [field, Math.round((count / enriched) * 1_000) / 1_000]),
    );
  }
}

const isFilled = (value: unknown): boolean =>
  value !== null && value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);
