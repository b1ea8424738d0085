import { type Finding, finding } from './finding.ts';

export interface Clock {
  readonly skewMs: number;
  readonly roundTripMs: number;
}

/** Ages are told in seconds; pauses of providers are kept by the clock of Redis and read by those of the workers. */
const NOTICED_MS = 2_000;
const WRONG_MS = 30_000;

/** A server's clock beside that of this machine, as far as the way there lets it be known. */
export function clockFindings(server: string, { skewMs, roundTripMs }: Clock): readonly Finding[] {
  const certain = Math.max(0, Math.abs(skewMs) - roundTripMs / 2);
  if (certain < NOTICED_MS) return [];
  const seconds = `${(certain / 1_000).toFixed(1)} s`;
  return [
    finding(
      `${server.toLowerCase()}.clock`,
      certain > WRONG_MS ? 'error' : 'warning',
      `the clock of ${server} is ${seconds} ${skewMs > 0 ? 'ahead of' : 'behind'} the one of this machine`,
      'run NTP (chrony, systemd-timesyncd) on both machines',
    ),
  ];
}
