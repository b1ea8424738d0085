/** From the list of pictures to the fields of the front cover. Pure. */
import type { Candidate } from '../../task/answer.ts';
import { known } from '../known.ts';
import { secureUrl } from '../wire-text.ts';
import type { IndexResponse, WireThumbnails } from './responses.ts';

const RELEASE_PAGE = /\/release\/([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/i;

/**
 * The front cover, one that the editors have approved if there is; none when no picture is a front cover or none of its
 * addresses can be used.
 * @param asked id of the release or release group that the list was asked for
 */
export function frontCover(index: IndexResponse, asked: string): Candidate | undefined {
  const fronts = (index?.images ?? []).filter(({ front }) => front);
  const front = fronts.find(({ approved }) => approved !== false) ?? fronts[0];
  if (front === undefined) return undefined;
  const sizes = thumbnailsOf(front.thumbnails);
  const url = sizes['500'] ?? sizes['1200'] ?? secureUrl(front.image) ?? sizes['250'];
  if (url === undefined) return undefined;
  return {
    // The picture is that of a release, also when it was asked for the group.
    id: RELEASE_PAGE.exec(index?.release ?? '')?.[1] ?? asked,
    title: 'front cover',
    fields: {
      artwork_url: url,
      ...(Object.keys(sizes).length > 0 && { artwork_thumbnails: sizes }),
    },
  };
}

/** By width in pixels. Entries of old have names for the two sizes that there were. */
const thumbnailsOf = (thumbnails: WireThumbnails | null | undefined) =>
  known({
    '250': secureUrl(thumbnails?.['250'] ?? thumbnails?.small),
    '500': secureUrl(thumbnails?.['500'] ?? thumbnails?.large),
    '1200': secureUrl(thumbnails?.['1200']),
  });
