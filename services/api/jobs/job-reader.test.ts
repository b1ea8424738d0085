import { type Job, jobOf, type JobRow } from '../../../shared/postgres/jobs/job.ts';
import { JobReader } from './job-reader.ts';

const ID = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`;
const jobNamed = (jobId: string): Job => jobOf({ jobId, owner: 'ann' } as unknown as JobRow);

interface Question {
  readonly jobIds: readonly string[];
  answer(found: readonly string[]): void;
  fail(error: Error): void;
}

function setup(): { reader: JobReader; questions: Question[] } {
  const questions: Question[] = [];
  const reader = new JobReader(
    (jobIds) =>
      new Promise((resolve, reject) => {
        questions.push({
          jobIds,
          answer: (found) => {
            resolve(found.map(jobNamed));
          },
          fail: reject,
        });
      }),
  );
  return { reader, questions };
}

test('while a question is under way, all that come meanwhile are one question, each job once', async () => {
  const { reader, questions } = setup();
  const first = reader.read(ID(1), null);
  const later = [ID(1), ID(2), ID(2), ID(3)].map((id) => reader.read(id, 'ann'));
  expect(questions.map(({ jobIds }) => jobIds)).toEqual([[ID(1)]]);
  questions[0]?.answer([ID(1)]);
  expect((await first)?.jobId).toBe(ID(1));
  expect(questions.map(({ jobIds }) => jobIds)).toEqual([[ID(1)], [ID(1), ID(2), ID(3)]]);
  questions[1]?.answer([ID(2), ID(1)]);
  const found = await Promise.all(later);
  expect(found.map((job) => job?.jobId)).toEqual([ID(1), ID(2), ID(2), undefined]);
});

test("somebody else's job is none, and what is no id of a job is not asked for", async () => {
  const { reader, questions } = setup();
  const read = reader.read(ID(1), 'bob');
  questions[0]?.answer([ID(1)]);
  expect(await read).toBeUndefined();
  expect(await reader.read('nothing', null)).toBeUndefined();
  expect(questions).toHaveLength(1);
});

test('a question that fails is told to all that asked it, and the next one is asked all the same', async () => {
  const { reader, questions } = setup();
  const failing = reader.read(ID(1), null);
  const next = reader.read(ID(2), null);
  questions[0]?.fail(new Error('the database is away'));
  await expect(failing).rejects.toThrow('away');
  questions[1]?.answer([ID(2)]);
  expect((await next)?.jobId).toBe(ID(2));
});
