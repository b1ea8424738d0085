/**
 * One line of CSV after RFC 4180, with its line break. What a spreadsheet would take for a formula is made text by an
 * apostrophe; what is no text is written as JSON.
 */
export function csvLine(values: readonly unknown[]): string {
  const cells = values.map((value) => {
    const text =
      value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
    const safe = /^[=+\-@\t\r\0]/.test(text) && typeof value === 'string' ? `'${text}` : text;
    return /[",;\t\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  });
  return `${cells.join(',')}\n`;
}
