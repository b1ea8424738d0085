import { editedTaskId, jobTaskId, parseJobTaskId } from './job-task-id.ts';

const JOB = '0b0f7d3e-5a51-4a76-9f4c-0d6f4f3c2b1a';

test('the id of a task is read back as the row that it was made of', () => {
  for (const seq of [1, 42, 9_999_999, 10_000_000]) {
    const id = jobTaskId({ jobId: JOB, seq });
    expect(parseJobTaskId(id)).toEqual({ jobId: JOB, seq });
  }
});

test('an edited task of a job has an id of its own that names the same row, however often it is edited', () => {
  const key = { jobId: JOB, seq: 42 };
  const once = editedTaskId(jobTaskId(key), 'a'.repeat(32));
  const twice = editedTaskId(once, 'b'.repeat(32));
  expect(new Set([jobTaskId(key), once, twice]).size).toBe(3);
  expect([parseJobTaskId(once), parseJobTaskId(twice)]).toEqual([key, key]);
  expect(parseJobTaskId(editedTaskId('t1', 'a'.repeat(32)))).toBeUndefined();
});

test('ids sort like the rows of the submission', () => {
  const ids = [2, 10, 1, 1_000_000].map((seq) => jobTaskId({ jobId: JOB, seq }));
  const sorted = [...ids].sort().map((id) => parseJobTaskId(id)?.seq);
  expect(sorted).toEqual([1, 2, 10, 1_000_000]);
});

test.each([
  't1',
  JOB,
  `${JOB}-0000000`,
  `${JOB}-00000042`,
  `${JOB.toUpperCase()}-0000042`,
  `${JOB}-0000042 `,
  `${JOB}-0000042-edited-`,
])("'%s' is not the id of a job's task", (id) => {
  expect(parseJobTaskId(id)).toBeUndefined();
});
