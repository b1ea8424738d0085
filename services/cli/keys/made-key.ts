import type { MadeKey } from '../../../shared/access/keys.ts';

interface Shown extends MadeKey {
  readonly isJson: boolean;
  /** What else there is to say, for people. */
  readonly note?: string;
}

/** The key alone goes to standard output, so that a script can take it; the rest is said beside it. */
export function showKey({ keyId, text, isJson, note }: Shown): void {
  if (isJson) {
    process.stdout.write(`${JSON.stringify({ key_id: keyId, key: text })}\n`);
    return;
  }
  process.stdout.write(`${text}\n`);
  const lines = [`Key ${keyId}. It is shown this once: keep it where secrets are kept.`, note ?? ''];
  process.stderr.write(`${lines.filter(Boolean).join('\n')}\n`);
}
