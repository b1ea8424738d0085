const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;

const isBlank = (code: number): boolean => code === 32 || code === 10 || code === 13 || code === 9;
/** `[` and `{`, `]` and `}`. */
const isOpening = (code: number): boolean => code === 91 || code === 123;
const isClosing = (code: number): boolean => code === 93 || code === 125;

/**
 * Finds where a JSON value ends without parsing it. Goes on where the last piece of text ended, so that every
 * character is seen once; nesting costs a counter, not the stack.
 */
export class JsonValueScanner {
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  /**
   * The place after the value that begins (or goes on) at `from`, or undefined when the text ends before it does. Once
   * a value has ended, the next call begins another.
   */
  scan(text: string, from: number): number | undefined {
    for (let at = from; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (this.#isInString) {
        if (this.#endsString(code) && this.#depth === 0) return at + 1;
      } else if (code === QUOTE) {
        this.#isInString = true;
      } else if (isOpening(code)) {
        this.#depth += 1;
      } else if (isClosing(code)) {
        if (this.#depth === 0) return at;
        this.#depth -= 1;
        if (this.#depth === 0) return at + 1;
      } else if (this.#depth === 0 && (code === COMMA || isBlank(code))) {
        return at;
      }
    }
    return undefined;
  }

  #endsString(code: number): boolean {
    const isEnd = code === QUOTE && !this.#isEscaped;
    this.#isEscaped = code === BACKSLASH && !this.#isEscaped;
    this.#isInString = !isEnd;
    return isEnd;
  }
}

/** The place of the next character that is neither blank nor one of `separators`; the text's length if there is none. */
export function skipBlanks(text: string, from: number, separators = ''): number {
  let at = from;
  while (at < text.length && (isBlank(text.charCodeAt(at)) || separators.includes(text.charAt(at)))) at += 1;
  return at;
}

/**
 * Where the list of `{…, "records": […]}` begins, if such an object stands at `start` and the text reaches that far.
 * Other members may come first.
 */
export function wrappedListAt(text: string, start: number): number | undefined {
  if (text[start] !== '{') return undefined;
  for (let at = skipBlanks(text, start + 1); text[at] === '"';) {
    const keyEnd = new JsonValueScanner().scan(text, at);
    if (keyEnd === undefined) return undefined;
    const value = skipBlanks(text, keyEnd, ':');
    if (text[value] === '[' && text.slice(at, keyEnd) === '"records"') return value + 1;
    const valueEnd = new JsonValueScanner().scan(text, value);
    if (valueEnd === undefined) return undefined;
    at = skipBlanks(text, valueEnd, ',');
  }
  return undefined;
}
