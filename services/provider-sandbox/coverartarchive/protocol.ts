import type { Track } from '../catalogue/track.ts';
import type { Protocol, Refusal, Reply, SandboxRequest } from '../protocol.ts';
import { type Covers, coversOf } from './covers.ts';
import { distort } from './distort.ts';
import { indexOf, pageOf } from './wire.ts';

/** Where the hosts are served here that the archive redirects to. */
export const ARCHIVE_PREFIX = '/archive.org';
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const html = (status: number, title: string, text: string): Reply => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: pageOf(`${status} ${title}`, text),
});

const redirect = (status: 302 | 307, path: string): Reply => ({
  status,
  headers: { location: `${ARCHIVE_PREFIX}${path}`, 'content-type': 'text/html; charset=utf-8' },
  body: `See: ${ARCHIVE_PREFIX}${path}\n`,
});

/** The Cover Art Archive, as far as lists of pictures go; the lists themselves are at the Internet Archive. */
export class CoverArtArchiveProtocol implements Protocol {
  readonly provider = 'coverartarchive';
  readonly announcesRetryAfter = false;
  readonly distort = distort;
  readonly #covers: Covers;

  constructor(tracks: readonly Track[]) {
    this.#covers = coversOf(tracks);
  }

  answer({ path }: SandboxRequest): Reply {
    const [, resource, id = ''] = /^\/(release|release-group)\/([^/]+)$/.exec(path) ?? [];
    if (resource === undefined) return html(404, 'Not Found', 'Nothing here.');
    if (!UUID.test(id)) return html(400, 'Bad Request', 'invalid MBID specified');
    const { releases, groups } = this.#covers;
    const release = resource === 'release' && releases.has(id) ? id : groups.get(id);
    if (release !== undefined) return redirect(307, `/download/mbid-${release}/index.json`);
    return html(404, 'Not Found', `No cover art found for ${resource.replace('-', ' ')} ${id}`);
  }

  answerBehind({ path }: SandboxRequest): Reply {
    const [, where, release = ''] = /^\/(download|12\/items)\/mbid-([^/]+)\/index\.json$/.exec(path) ?? [];
    if (!this.#covers.releases.has(release)) return html(404, 'Not Found', 'Item not found.');
    if (where === 'download') return redirect(302, `/12/items/mbid-${release}/index.json`);
    return { status: 200, headers: { 'content-type': 'application/json' }, body: indexOf(release) };
  }

  refuse(refusal: Refusal): Reply {
    switch (refusal.kind) {
      case 'rate':
      case 'quota':
        return html(429, 'Too Many Requests', 'Slow down.');
      case 'auth':
        return html(403, 'Forbidden', 'The item is not available.');
      case 'shed':
        return html(503, 'Service Unavailable', 'Please reduce your request rate.');
      case 'status':
        return html(refusal.status ?? 503, 'Error', 'An error occurred.');
    }
  }
}
