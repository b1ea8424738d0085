import { ProviderError, type ProviderErrorKind } from '../task/provider-error.ts';

/** Refusals that a task dies of, since no repetition of the same request cures them. */
const REFUSALS: ReadonlySet<ProviderErrorKind> = new Set(['bad_request', 'forbidden', 'contract']);

/**
 * Tells a refusal of one request from the refusal of all: a wrong address, an access that was taken away, a protocol that
 * changed. Then it is the provider that is out of order, and its tasks must not die one after the other: what is refused
 * while nothing has been answered since the refusal before, or since the start, counts as a transient fault. So it opens
 * the circuit, and a task that comes to be the probe is tried again later.
 *
 * A task whose own request is wrong dies of it as soon as another one is answered; the first refusal after an answer is
 * always taken for the task's own.
 */
export class RefusalWatch {
  readonly #onAll: (error: ProviderError) => void;
  #isAnswering = false;
  #isSaid = false;

  /** @param onAll called once, with what was refused, until the next answer */
  constructor(onAll: (error: ProviderError) => void) {
    this.#onAll = onAll;
  }

  answered(): void {
    this.#isAnswering = true;
    this.#isSaid = false;
  }

  /** What this error means, given what came before. */
  judge(error: ProviderError): ProviderError {
    if (!REFUSALS.has(error.kind)) return error;
    if (this.#isAnswering) {
      this.#isAnswering = false;
      return error;
    }
    if (!this.#isSaid) this.#onAll(error);
    this.#isSaid = true;
    const { provider, status, message } = error;
    const said = message.slice(`${provider}: `.length);
    return new ProviderError(provider, 'unavailable', `refuses every request: ${said}`, {
      ...(status !== undefined && { status }),
      cause: error,
    });
  }
}
