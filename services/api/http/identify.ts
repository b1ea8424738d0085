import type { IncomingHttpHeaders } from 'node:http';
import type { Principal } from '../../../shared/access/api-key.ts';
import type { KeyRing } from '../../../shared/access/key-ring.ts';
import { HttpProblem } from './problem.ts';

export interface IdentifyDeps {
  readonly keys: KeyRing;
  /** Requests without a key are let in, as an admin of no owner: only for a service that listens on loopback. */
  readonly isOpen: boolean;
  /** Counts a failure of this address; the seconds to wait when it had too many. */
  readonly failed: (address: string) => Promise<number | undefined>;
  /** Seconds that this address has to wait because of earlier failures. */
  readonly barred: (address: string) => Promise<number | undefined>;
}

/** What is looked at of a request. */
export interface Caller {
  readonly headers: IncomingHttpHeaders;
  readonly ip?: string | undefined;
}

/** Whom open mode lets in. */
const NOBODY: Principal = { keyId: '', owner: '', scope: 'admin' };

/** Who calls, told by the Bearer token. */
export const createIdentify =
  ({ keys, isOpen, failed, barred }: IdentifyDeps) =>
  async (request: Caller): Promise<Principal> => {
    const text = bearerOf(request);
    if (isOpen && text === undefined) {
      refuseStrangers(request);
      return NOBODY;
    }
    const address = request.ip ?? '';
    refuseBarred(await barred(address));
    const principal = text === undefined ? undefined : await keys.principalOf(text);
    if (principal !== undefined) return principal;
    refuseBarred(await failed(address));
    throw new HttpProblem(
      'unauthenticated',
      text === undefined
        ? 'Send an API key: Authorization: Bearer enr_…'
        : 'The key is not known, has expired or was revoked.',
      { headers: { 'www-authenticate': 'Bearer realm="enrichment"' } },
    );
  };

function bearerOf(request: Caller): string | undefined {
  const header = request.headers.authorization;
  return header === undefined ? undefined : (/^Bearer +(\S+) *$/i.exec(header)?.[1] ?? '');
}

function refuseBarred(seconds: number | undefined): void {
  if (seconds === undefined) return;
  const detail = 'Too many requests from this address had no valid key.';
  throw new HttpProblem('too_many_failures', detail, { retryAfter: seconds });
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i;

/**
 * Without keys a page of somebody else in the browser of this machine would be let in as well: it is told by the name
 * that it asks for, or by its origin.
 */
function refuseStrangers({ headers }: Caller): void {
  const { origin } = headers;
  const isOwn = LOOPBACK.test(headers.host ?? '') && (origin === undefined || LOOPBACK.test(hostOf(origin)));
  if (isOwn) return;
  throw new HttpProblem('forbidden', 'Without keys only this machine is let in, under the name localhost.');
}

const hostOf = (origin: string): string => (URL.canParse(origin) ? new URL(origin).host : '');
