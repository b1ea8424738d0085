/** Standard Webhooks 1.0: secrets, and the headers that prove who sent a message. */
import { createHmac, randomBytes } from 'node:crypto';

const PREFIX = 'whsec_';
const SECRET_BYTES = 32;

/** A new secret in the form that libraries of receivers take. */
export const makeSecret = (): string => PREFIX + randomBytes(SECRET_BYTES).toString('base64');

export interface SignedMessage {
  /** Stays the same over all tries, so that a receiver knows a repetition. */
  readonly id: string;
  /** Epoch milliseconds of this try: receivers refuse what is older than minutes. */
  readonly at: number;
  readonly body: string;
}

/** One signature for each secret: while a secret is being changed, receivers with either one accept the message. */
export function signatureHeaders(
  { id, at, body }: SignedMessage,
  secrets: readonly string[],
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(at / 1_000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
