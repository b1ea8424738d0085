import { randomBytes } from 'node:crypto';

export type TokenState = 'valid' | 'expired' | 'unknown';

/** Access tokens of the client credentials flow. Each is independent of the others, as Spotify's are. */
export class SpotifyTokens {
  readonly #expiry = new Map<string, number>();

  issue(lifetimeSeconds: number): string {
    const now = performance.now();
    for (const [token, until] of this.#expiry) if (until < now - 3_600_000) this.#expiry.delete(token);
    const token = `BQ${randomBytes(48).toString('base64url')}`;
    this.#expiry.set(token, now + lifetimeSeconds * 1_000);
    return token;
  }

  stateOf(token: string): TokenState {
    const until = this.#expiry.get(token);
    if (until === undefined) return 'unknown';
    return until > performance.now() ? 'valid' : 'expired';
  }

  expireAll(): void {
    for (const token of this.#expiry.keys()) this.#expiry.set(token, 0);
  }
}
