import type { ProviderError } from '../../task/provider-error.ts';
import { genericFault, refusal } from '../generic-fault.ts';
import type { ApiRequest, ApiResponse } from '../provider.ts';
import { indexResponse, type IndexResponse } from './responses.ts';

/** It keeps no files itself: it redirects to the Internet Archive, and that to the machine that has them. */
const REDIRECT_HOSTS = ['archive.org', '*.archive.org'];

export type Resource = 'release' | 'release-group';

/** Describes the request for the list of pictures of something at MusicBrainz; makes none. */
export function indexRequest(
  baseUrl: string,
  userAgent: string,
  { resource, id }: { readonly resource: Resource; readonly id: string },
): ApiRequest<IndexResponse> {
  const url = new URL(`${baseUrl}/${resource}/${encodeURIComponent(id)}`);
  return {
    url,
    key: url.href,
    headers: { 'user-agent': userAgent },
    redirectHosts: REDIRECT_HOSTS,
    schema: indexResponse,
    classify,
    empty: null,
  };
}

/** All its refusals are HTML: only the status tells them apart, before anything is taken for a broken answer. */
function classify(response: ApiResponse): 'ok' | 'miss' | ProviderError {
  if (response.status === 404) return 'miss';
  if ([400, 401, 403, 405].includes(response.status)) return refusal('coverartarchive', response);
  const fault = genericFault('coverartarchive', response);
  return fault ?? (response.status >= 400 ? refusal('coverartarchive', response) : 'ok');
}
