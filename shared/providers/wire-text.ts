/** Texts of the wire that must have a certain form to be worth anything; what has another form counts as not told. */

/** `2017`, `2017-07` or `2017-07-21`; months and days of 00 are dropped, the year 0000 is none. */
export function partialDate(raw: string | null | undefined): string | undefined {
  const match = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(raw ?? '');
  const [, year, month, day] = match ?? [];
  if (year === undefined || year === '0000') return undefined;
  if (month === undefined || month === '00' || Number(month) > 12) return year;
  if (day === undefined || day === '00' || Number(day) > 31) return `${year}-${month}`;
  return `${year}-${month}-${day}`;
}

/** Upper case, without dashes and spaces; some catalogues print the code as `GB-SMU-45-66095`. */
export function normalIsrc(raw: string | null | undefined): string | undefined {
  const code = (raw ?? '').replace(/[-\s]/g, '').toUpperCase();
  return /^[A-Z]{2}[A-Z0-9]{3}\d{7}$/.test(code) ? code : undefined;
}

/** An absolute https URL: these are stored and shown as links, so no other scheme may come through. */
export function secureUrl(raw: string | null | undefined): string | undefined {
  const url = raw?.replace(/^http:\/\//, 'https://') ?? '';
  return url.startsWith('https://') && URL.canParse(url) ? url : undefined;
}
