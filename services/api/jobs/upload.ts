/** The body of a request as a file: as it is, or as the file field of a browser's form. */
import type { Readable } from 'node:stream';
import busboy from 'busboy';
import type { Request } from 'express';
import type { Format } from '../../../shared/input/format.ts';
import { type Input, openInput } from '../../../shared/input/open-input.ts';
import { HttpProblem } from '../http/problem.ts';

export const CSV = 'text/csv';
export const NDJSON = 'application/x-ndjson';
export const FORM = 'multipart/form-data';

export interface Upload {
  readonly input: Input;
  /** Absent = told by the content. */
  readonly format?: Format;
}

/** Reads nothing but the head. Throws HttpProblem; what comes later than `maxBytes` ends the reading with one. */
export async function openUpload(request: Request, maxBytes: number): Promise<Upload> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maxBytes) throw tooLarge(maxBytes);
  if (request.is(FORM) !== false) {
    return { input: await bounded(await fileOfForm(request), maxBytes) };
  }
  const format = request.is(CSV) === false ? 'ndjson' : 'csv';
  return { input: await bounded(request, maxBytes), format };
}

async function bounded(stream: Readable, maxBytes: number): Promise<Input> {
  const input = await openInput('-', { stdin: stream });
  return {
    ...input,
    bytes: async function* () {
      let count = 0;
      for await (const chunk of input.bytes()) {
        count += chunk.length;
        if (count > maxBytes) throw tooLarge(maxBytes);
        yield chunk;
      }
    },
  };
}

const tooLarge = (maxBytes: number): HttpProblem =>
  new HttpProblem('body_too_large', `The file has more than ${maxBytes} bytes: send it in parts.`);

/** The first file of the form; what else is in it is not read. */
function fileOfForm(request: Request): Promise<Readable> {
  return new Promise((resolve, reject) => {
    const refuse = (detail: string, cause?: unknown): void => {
      reject(new HttpProblem('malformed_body', detail, { cause }));
    };
    try {
      const form = busboy({ headers: request.headers, limits: { files: 1, fields: 50, fieldSize: 10_000 } });
      form.on('file', (_name, file) => {
        // A form that breaks off inside its file ends the file with an error as well.
        form.once('error', (error) => file.destroy(error as Error));
        request.once('aborted', () => file.destroy(new Error('the upload broke off')));
        resolve(file);
      });
      form.once('error', (error) => {
        refuse((error as Error).message, error);
      });
      form.once('close', () => {
        refuse('The form has no file.');
      });
      request.pipe(form);
    } catch (error) {
      refuse((error as Error).message, error);
    }
  });
}
