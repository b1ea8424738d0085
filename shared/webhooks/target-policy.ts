/**
 * Where webhooks may go. The URL comes from a stranger and is asked from inside our network, so an address counts only
 * after it was resolved, and the connection is made to the very address that was judged.
 */
import { lookup as resolve } from 'node:dns/promises';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** `any`: also plain HTTP, any port, private addresses. For one's own machine. */
export type TargetPolicy = 'public' | 'any';

/** Thrown for a place that webhooks are not sent to. Says nothing of what the name resolves to. */
export class TargetRefused extends Error {
  override readonly name = 'TargetRefused';
}

/** What is routed nowhere, or to somebody inside. */
const INNER_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
];
/** Of the one block that the world uses: what is no host of its own, or carries an IPv4 address in it. */
const INNER_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];
const GLOBAL_V6 = '2000::/3';

const blockList = (type: 'ipv4' | 'ipv6', networks: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    list.addSubnet(address, Number(bits), type);
  }
  return list;
};

const innerV4 = blockList('ipv4', INNER_V4);
const innerV6 = blockList('ipv6', INNER_V6);
const globalV6 = blockList('ipv6', [GLOBAL_V6]);

/** IPv6 outside of the global block (loopback, mapped and translated IPv4, local, multicast) is never public. */
function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !innerV4.check(address, 'ipv4');
  return family === 6 && globalV6.check(address, 'ipv6') && !innerV6.check(address, 'ipv6');
}

const PUBLIC_PORTS = ['', '443', '8443'];

/** The form of the URL alone, before anything is resolved. Throws TargetRefused. */
export function checkTarget(url: string, policy: TargetPolicy): URL {
  if (!URL.canParse(url)) throw new TargetRefused('is not a URL');
  const target = new URL(url);
  if (!['https:', 'http:'].includes(target.protocol)) throw new TargetRefused('must begin with https://');
  if (target.username !== '' || target.password !== '')
    throw new TargetRefused('must not hold a user or a password');
  if (policy === 'any') return target;
  if (target.protocol !== 'https:') throw new TargetRefused('must begin with https://');
  if (!PUBLIC_PORTS.includes(target.port)) throw new TargetRefused('must have port 443 or 8443');
  const literal = target.hostname.replace(/^\[|\]$/g, '');
  if (isIP(literal) !== 0 && !isPublicAddress(literal)) throw new TargetRefused('must be a public address');
  return target;
}

/** For `node:net`: gives a name's addresses when all of them are allowed. One that is not condemns the name. */
export const judgingLookup =
  (policy: TargetPolicy): LookupFunction =>
  (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }).then(
      (found) => {
        const [first] = found;
        const isAllowed = policy === 'any' || found.every(({ address }) => isPublicAddress(address));
        if (!isAllowed || first === undefined)
          callback(new TargetRefused('the name does not lead to a public address'), []);
        else if (options.all === true) callback(null, found);
        else callback(null, first.address, first.family);
      },
      (error: unknown) => {
        callback(error as NodeJS.ErrnoException, []);
      },
    );
  };
