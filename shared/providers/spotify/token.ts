import { ProviderError } from '../../task/provider-error.ts';
import { genericFault, refusal, remoteText } from '../generic-fault.ts';
import type { ApiResponse, ProviderTools } from '../provider.ts';
import { tokenErrorResponse, tokenResponse } from './responses.ts';

export interface TokenSettings {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly accountsUrl: string;
}

interface Token {
  readonly token: string;
  readonly expiresInSeconds: number;
}

/**
 * Gets a token by client credentials. This flow has no refresh token: a new one is asked for. Throws ProviderError;
 * `auth` when the service refuses the credentials, whatever the status.
 */
export async function fetchToken(
  settings: TokenSettings,
  tools: ProviderTools,
  signal: AbortSignal,
): Promise<Token> {
  const credentials = Buffer.from(`${settings.clientId}:${settings.clientSecret}`).toString('base64');
  const response = await tools.fetch(
    new URL(`${settings.accountsUrl}/api/token`),
    {
      method: 'POST',
      headers: {
        authorization: `Basic ${credentials}`,
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
        'user-agent': tools.userAgent,
      },
      body: 'grant_type=client_credentials',
    },
    signal,
  );
  const fault = tokenFault(response);
  if (fault !== undefined) throw fault;
  const parsed = tokenResponse.safeParse(response.json);
  if (!parsed.success) throw new ProviderError('spotify', 'contract', 'token answer of an unknown shape');
  return { token: parsed.data.access_token, expiresInSeconds: parsed.data.expires_in };
}

function tokenFault(response: ApiResponse): ProviderError | undefined {
  const generic = genericFault('spotify', response);
  if (generic !== undefined) return generic;
  if (response.status < 400) return undefined;
  const oauth = tokenErrorResponse.safeParse(response.json);
  if (!oauth.success) return refusal('spotify', response);
  // Only the code: the description may repeat what we sent.
  return new ProviderError('spotify', 'auth', `token refused (${remoteText(oauth.data.error)})`, {
    status: response.status,
  });
}
