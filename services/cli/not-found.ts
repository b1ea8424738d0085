/** Thrown when what somebody named is not there. */
export class NotFound extends Error {
  override readonly name = 'NotFound';
}
