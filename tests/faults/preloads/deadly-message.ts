/** Loaded into a worker before its own code: reading a message with this mark ends the process, as a bug of a parser may. */

const DEADLY_MARK = 'ends whoever reads it';

const parse = JSON.parse.bind(JSON);

JSON.parse = (text: string, reviver?: (this: unknown, key: string, value: unknown) => unknown): unknown => {
  if (text.includes(DEADLY_MARK)) process.kill(process.pid, 'SIGKILL');
  return parse(text, reviver);
};
