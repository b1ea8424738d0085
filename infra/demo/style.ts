import type { WriteStream } from 'node:tty';

/** How texts stand out; plain text where colours are not wanted. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
}

const code = (on: number, off: number) => (text: string) => `\u001b[${on}m${text}\u001b[${off}m`;
const plain = (text: string): string => text;

export const PLAIN: Style = { bold: plain, dim: plain, good: plain, bad: plain };

const COLOURS: Style = { bold: code(1, 22), dim: code(2, 22), good: code(32, 39), bad: code(31, 39) };

/** Node itself looks at NO_COLOR, FORCE_COLOR and TERM. */
export const styleOf = (stream: WriteStream): Style => (stream.isTTY && stream.hasColors() ? COLOURS : PLAIN);
