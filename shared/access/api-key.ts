/**
 * API keys: `enr_<id>_<secret>`. The id finds the key, the secret proves it. Only a hash of the secret is kept: with 256
 * random bits a fast one is as good as a slow one, and costs every request microseconds.
 */
import { hash, randomInt, timingSafeEqual } from 'node:crypto';

/** What a key may do; each scope may do what those before it may. */
export const SCOPES = ['viewer', 'operator', 'admin'] as const;
/**
 * `viewer`: reads what belongs to its owner. `operator`: also submits and steers it. `admin`: also what concerns
 * everybody (providers, lanes), and what belongs to other owners.
 */
export type Scope = (typeof SCOPES)[number];

/** Somebody who has shown a key, or whom open mode lets in. */
export interface Principal {
  /** Empty in open mode. */
  readonly keyId: string;
  readonly owner: string;
  readonly scope: Scope;
  /** Of the owner's jobs that are not finished; undefined = as configured. */
  readonly maxRunningJobs?: number;
  /** Of the owner's rows that are not finished; undefined = as configured. */
  readonly maxRows?: number;
}

export interface KeyParts {
  readonly keyId: string;
  readonly secret: string;
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 8;
/** 43 of 62 characters hold 256 bits. */
const SECRET_LENGTH = 43;
const FORM = new RegExp(`^enr_([0-9A-Za-z]{${ID_LENGTH}})_([0-9A-Za-z]{${SECRET_LENGTH}})$`);

/** A new key, of which nothing is known anywhere. */
export const makeKey = (): KeyParts => ({ keyId: randomText(ID_LENGTH), secret: randomText(SECRET_LENGTH) });

export const keyText = ({ keyId, secret }: KeyParts): string => `enr_${keyId}_${secret}`;

/** Undefined = no key of ours has this form. */
export function parseKey(text: string): KeyParts | undefined {
  const [, keyId, secret] = FORM.exec(text) ?? [];
  return keyId === undefined || secret === undefined ? undefined : { keyId, secret };
}

export const hashSecret = (secret: string): Buffer => hash('sha256', secret, 'buffer');

/** Takes the same time whether the key exists or not: `undefined` is compared as well, and never equal. */
export function isSecret(secret: string, kept: Buffer | undefined): boolean {
  const given = hashSecret(secret);
  const isSame = timingSafeEqual(given, kept ?? Buffer.alloc(given.length));
  return isSame && kept !== undefined;
}

export const allows = (scope: Scope, needed: Scope): boolean =>
  SCOPES.indexOf(scope) >= SCOPES.indexOf(needed);

const randomText = (length: number): string =>
  Array.from({ length }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');
