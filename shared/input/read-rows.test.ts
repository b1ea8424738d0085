import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { movies } from '../pipelines/movies/index.ts';
import { parseColumnMap } from './columns.ts';
import { openInput } from './open-input.ts';
import { readRows } from './read-rows.ts';
import type { ReadRowsOptions, Row } from './read-rows.ts';

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

async function read(text: string | Buffer, options: Partial<ReadRowsOptions> = {}): Promise<Row[]> {
  const input = await openInput('-', { stdin: Readable.from([Buffer.from(text)]) });
  return collect(readRows(input, { pipeline: movies, ...options }));
}

async function accepted(text: string | Buffer, options: Partial<ReadRowsOptions> = {}): Promise<unknown[]> {
  return (await read(text, options)).map((row) => ('accepted' in row ? row.accepted : row.problems));
}

const map = (text: string): { map: ReadonlyMap<string, string> } => ({ map: parseColumnMap(text) });

describe('columns', () => {
  test('names are matched without regard to case, spaces, dashes and humps', async () => {
    const [row] = await accepted('Movie ID,TITLE,runtimeMin,In-Print\n7,Emma,121,yes\n');
    expect(row).toEqual({
      entity: { movie_id: '7', title: 'Emma', runtime_min: 121 },
      extra: { in_print: 'yes' },
    });
  });

  test('a map renames, quotes hold spaces and commas, and dates become years', async () => {
    const text = 'Movie ID,Name,"Out, when",year\n7,Emma,Dec 23 1996,first\n';
    expect(await accepted(text, map('title=Name,year="Out, when"'))).toEqual([
      { entity: { movie_id: '7', title: 'Emma', year: 1996 }, extra: {} },
    ]);
  });

  test.each([
    ['title', "cannot read 'title'"],
    ['title=', "cannot read 'title='"],
    ['title=A,title=B', "names 'title' twice"],
    ['title="A', `cannot read 'title="A'`],
  ])('the map %j is refused', (text, message) => {
    expect(() => parseColumnMap(text)).toThrow(message);
  });

  test('a map that names no column, a missing required column and an ambiguous one are told before any row', async () => {
    const text = 'movie_id,Name,Label\n1,a,b\n';
    await expect(read(text, map('title=Nome'))).rejects.toThrow(
      "--map names 'Nome', but the columns are 'movie_id'",
    );
    await expect(read(text)).rejects.toThrow('no column for title among');
    await expect(read('Title,TITLE\na,b\n')).rejects.toThrow("more than one column fills 'title'");
  });

  test('a map that fills a field which the pipeline does not have is told before any row', async () => {
    await expect(read('Name,Out\na,1996\n', map('title=Name,yaer=Out'))).rejects.toThrow(
      "--map: there is no field 'yaer', only movie_id, title, year",
    );
    await expect(accepted('Name,Rank\na,7\n', map('title=Name,priority=Rank'))).resolves.toMatchObject([
      { entity: { title: 'a' }, priority: 7 },
    ]);
  });

  test('what the file of rejected rows adds is dropped when that file comes back', async () => {
    const text = 'movie_id,title,rejected_line,rejected_reason\n7,Emma,3,is required\n';
    expect(await accepted(text)).toEqual([{ entity: { movie_id: '7', title: 'Emma' }, extra: {} }]);
  });

  test('names that mean something to JavaScript are plain data', async () => {
    const [row] = await accepted('[{"movie_id":"1","title":"a","__proto__":{"x":1},"constructor":2}]');
    expect(row).toEqual({
      entity: { movie_id: '1', title: 'a' },
      extra: { proto: { x: 1 }, constructor: 2 },
    });
  });
});

describe('values', () => {
  test.each([
    ['1998', 1998],
    ['1998.0', 1998],
    ['Jun 12 1998', 1998],
    ['June 12, 1998', 1998],
    ['12 Jun 1998', 1998],
    ['12-Jun-1998', 1998],
    ['1998-06-12', 1998],
    ['1998-06-12T00:00:00Z', 1998],
    ['1998-06', 1998],
    ['12/06/1998', 1998],
    ['12.6.1998', 1998],
    ['June 1998', 1998],
  ])('%s is the year %d', async (date, year) => {
    expect(await accepted(`title,year\na,"${date}"\n`)).toMatchObject([{ entity: { year } }]);
  });

  test.each(['12-Jun-98', '06/98', 'unknown', '19'])('%s is no year', async (date) => {
    expect(await accepted(`title,year\na,${date}\n`)).toEqual([
      [expect.objectContaining({ field: 'year', value: date })],
    ]);
  });

  test('numbers are read from text and text from numbers, null and blank are nothing', async () => {
    const text = '[{"title":1941,"year":null,"runtime_min":" 12 ","note":"","shelf":{"row":1}}]';
    const [row] = await accepted(text);
    expect(row).toMatchObject({ entity: { title: '1941', runtime_min: 12 }, extra: { shelf: { row: 1 } } });
    expect(row).not.toHaveProperty('extra.note');
    expect(row).not.toHaveProperty('entity.year');
  });

  test('everything that is wrong with a row is said, with the value', async () => {
    expect(await accepted('title,year,runtime_min,priority\n,3000,many,high\n')).toEqual([
      expect.arrayContaining([
        expect.objectContaining({ field: 'title', value: '' }),
        expect.objectContaining({ field: 'year', value: '3000' }),
        { field: 'runtime_min', value: 'many', reason: expect.stringContaining('minutes') as unknown },
        { field: 'priority', value: 'high', reason: 'expected an integer 0–10' },
      ]),
    ]);
  });

  test('a priority column sets the priority of its row', async () => {
    expect(await accepted('title,priority\na,9\nb,\n')).toEqual([
      expect.objectContaining({ priority: 9, extra: {} }),
      expect.not.objectContaining({ priority: expect.anything() as unknown }),
    ]);
  });

  test('text in another encoding, NUL and deep nesting cost their row only', async () => {
    const latin1 = Buffer.concat([
      Buffer.from('title\nLe Gar'),
      Buffer.from([0xe7]),
      Buffer.from('on\nEmma\n'),
    ]);
    const [bad, good] = await accepted(latin1);
    expect(bad).toEqual([expect.objectContaining({ reason: 'is not UTF-8: save the file as UTF-8' })]);
    expect(good).toMatchObject({ entity: { title: 'Emma' } });
    const deep = `{"title":"a","x":${'['.repeat(500)}${']'.repeat(500)}}`;
    const nul = String.raw`{"title":"b","x":["\u0000"]}`;
    expect(await accepted(`[${deep},${nul}]`)).toEqual([
      [expect.objectContaining({ field: 'x', reason: 'is nested deeper than 31 levels' })],
      [expect.objectContaining({ field: 'x', reason: 'holds a NUL character' })],
    ]);
  });
});

describe('ids', () => {
  const idOf = async (text: string): Promise<unknown> => {
    const [row] = await accepted(text);
    return (row as { entity: { movie_id: unknown } }).entity.movie_id;
  };

  test('a record without an id gets the same one whatever its file, its case and its spacing', async () => {
    const id = await idOf('title,year,note\nEmma  Stone,1996,x\n');
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(await idOf('[{"movie_id":"","Title":" emma stone","year":"Dec 23 1996"}]')).toBe(id);
    expect(await idOf('title,year\nEmma Stone,1997\n')).not.toBe(id);
    expect(await idOf('title,year\nÉmma Stone,1996\n')).not.toBe(id);
  });

  test('the ids of stored records never change', async () => {
    expect(await idOf('title,year\nEmma,1996\n')).toBe('4a19cfc3d5f5f908');
  });
});

describe('files', () => {
  test('a byte order mark and CRLF change nothing', async () => {
    expect(await accepted('\uFEFFtitle,movie_id\r\nEmma,1\r\n')).toEqual([
      { entity: { title: 'Emma', movie_id: '1' }, extra: {} },
    ]);
  });

  test.each([
    ['csv', 'title\nEmma\n'],
    ['a list', '[{"title":"Emma"}]'],
    ['an object', '{\n"title":"Emma"}'],
    ['a wrapped list on one line', '{"records":[{"title":"Emma"}]}\n'],
    ['NDJSON', '{"title":"Emma"}\n'],
  ])('the format of %s is told by its content', async (_name, text) => {
    expect(await accepted(text)).toMatchObject([{ entity: { title: 'Emma' } }]);
  });

  test('what is no UTF-8 text is refused with what to do', async () => {
    await expect(read(Buffer.from('title\n', 'utf16le'))).rejects.toThrow('not text');
    await expect(read(Buffer.from('\uFEFFtitle\n', 'utf16le'))).rejects.toThrow('iconv -f UTF-16');
    await expect(read(Buffer.from([0x1f, 0x8b, 8, 0]))).rejects.toThrow('gunzip -c');
  });

  test('an empty file has no rows', async () => {
    expect(await read('')).toEqual([]);
    expect(await read('title\n')).toEqual([]);
  });

  test('a missing file and a directory are refused by name', async () => {
    await expect(openInput('/no/such.csv', { stdin: process.stdin })).rejects.toThrow(
      "cannot read '/no/such.csv'",
    );
    await expect(openInput(tmpdir(), { stdin: process.stdin })).rejects.toThrow('is a directory');
  });

  test('a file can be read twice, and so can a stream that was opened for it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'input-'));
    const path = join(directory, 'movies.csv');
    await writeFile(path, 'title\nEmma\n');
    const stdin = Readable.from([Buffer.from('title\nEmma\n')]);
    for (const input of [
      await openInput(path, { stdin }),
      await openInput('-', { stdin, isRewindable: true }),
    ]) {
      const first = await collect(readRows(input, { pipeline: movies }));
      expect(first).toHaveLength(1);
      expect(await collect(readRows(input, { pipeline: movies }))).toEqual(first);
      await input.close();
    }
    expect((await stat(path)).isFile()).toBe(true);
    await rm(directory, { recursive: true });
  });
});
