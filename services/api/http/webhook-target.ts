import { checkTarget, type TargetPolicy, TargetRefused } from '../../../shared/webhooks/target-policy.ts';
import { HttpProblem } from './problem.ts';

/**
 * The URL as it is kept; throws HttpProblem for a place that is never told anything. Names are resolved when something is
 * sent: what they lead to may change until then.
 */
export function webhookTarget(policy: TargetPolicy, pointer: string, said: string): string {
  try {
    return checkTarget(said, policy).href;
  } catch (error) {
    if (!(error instanceof TargetRefused)) throw error;
    const { message } = error;
    throw new HttpProblem('invalid_body', `${pointer}: ${message}`, {
      faults: [{ in: 'body', pointer, message }],
      cause: error,
    });
  }
}
