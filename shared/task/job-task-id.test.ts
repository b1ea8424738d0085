import { jobTaskId, parseJobTaskId } from './job-task-id.ts';

const JOB = '0b0f7d3e-5a51-4a76-9f4c-0d6f4f3c2b1a';

test('the id of a task is read back as the row that it was made of', () => {
  for (const seq of [1, 42, 9_999_999, 10_000_000]) {
    const id = jobTaskId({ jobId: JOB, seq });
    expect(parseJobTaskId(id)).toEqual({ jobId: JOB, seq });
  }
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
])("'%s' is not the id of a job's task", (id) => {
  expect(parseJobTaskId(id)).toBeUndefined();
});
