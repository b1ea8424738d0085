/** Thrown when a message is refused: it was not stored, and repeating it at once would end the same way. */
export class PublishError extends Error {
  override readonly name = 'PublishError';
  readonly reason: 'unroutable' | 'refused' | 'timeout' | 'closed';
  constructor(reason: PublishError['reason'], message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}
