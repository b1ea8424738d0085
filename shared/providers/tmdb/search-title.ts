/** How lists write titles, and how the search wants them. Both functions return the title as it is rather than nothing. */

/** Longer than any title needs to be found. */
const MAX_LENGTH = 200;

/** "King Kong (1933)" → "King Kong"; "Omen, The" → "The Omen". The search takes every word as required. */
export function searchTitle(title: string): string {
  const clean = title
    .normalize('NFC')
    .replace(/\s*[([]\d{4}[)\]]\s*$/, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replace(/^(.+), (the|an?|le|la|les|der|die|das|el|los|las|il)$/i, '$2 $1');
  return (clean === '' ? title.trim() : clean).slice(0, MAX_LENGTH);
}

/** Without brackets and subtitle: "Alien: Director's Cut" → "Alien". */
export function baseTitle(title: string): string {
  const clean = searchTitle(title)
    .replaceAll(/\s*[([][^)\]]*[)\]]/g, ' ')
    .replace(/\s*:.*$|\s+[-–—]\s.*$/, '')
    .trim();
  return clean === '' ? searchTitle(title) : clean;
}
