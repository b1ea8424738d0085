import { between, fraction } from '../random.ts';

const SITE = 'https://coverartarchive.org';

/** The first third of all entries was written when addresses had no encryption, and thumbnails two names. */
const isOld = (release: string): boolean => fraction(`old:${release}`) < 0.33;

function imageOf(release: string, type: 'Front' | 'Back'): Record<string, unknown> {
  const id = between(`image:${type}:${release}`, 800_000_000, 39_000_000_000);
  const base = `${isOld(release) ? SITE.replace('https', 'http') : SITE}/release/${release}/${id}`;
  const named = { small: `${base}-250.jpg`, large: `${base}-500.jpg` };
  const sized = { '250': `${base}-250.jpg`, '500': `${base}-500.jpg`, '1200': `${base}-1200.jpg` };
  return {
    approved: fraction(`approved:${release}`) > 0.05,
    back: type === 'Back',
    comment: '',
    edit: between(`edit:${release}`, 10_000_000, 120_000_000),
    front: type === 'Front',
    id: isOld(release) ? String(id) : id,
    image: `${base}.jpg`,
    thumbnails: isOld(release) ? named : { ...sized, ...named },
    types: [type],
  };
}

/** The list of the pictures of a release. Every fifth has its back first, every thirtieth nothing but the back. */
export function indexOf(release: string): Record<string, unknown> {
  const lot = fraction(`pictures:${release}`);
  const images =
    lot < 0.03
      ? [imageOf(release, 'Back')]
      : lot < 0.2
        ? [imageOf(release, 'Back'), imageOf(release, 'Front')]
        : [imageOf(release, 'Front')];
  return { images, release: `https://musicbrainz.org/release/${release}` };
}

/** Only for people: programs have the status. */
export const pageOf = (title: string, text: string): string =>
  `<!doctype html>\n<title>${title}</title>\n<h1>${title.slice(4)}</h1>\n<p>${text}</p>\n`;
