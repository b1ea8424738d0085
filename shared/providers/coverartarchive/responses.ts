/** The index of the pictures of a release, reduced to what we read. Older entries write ids as text and addresses with http. */
import { z } from 'zod';

const text = z.string().nullish();

const thumbnails = z.object({ '250': text, '500': text, '1200': text, small: text, large: text });
export type WireThumbnails = z.infer<typeof thumbnails>;

const image = z.object({
  front: z.boolean(),
  /** False while editors vote on it. */
  approved: z.boolean().nullish(),
  image: text,
  thumbnails: thumbnails.nullish(),
});

/** null is ours: there is no picture of it. */
export const indexResponse = z
  .object({
    images: z.array(image),
    /** The page of the release that the pictures are of; for a release group one of its releases. */
    release: text,
  })
  .nullable();
export type IndexResponse = z.infer<typeof indexResponse>;
