import { readLetter } from './dead-letter.ts';
import { ownerOf, POISON, subjectOf } from './letter-subject.ts';

test('it is about the entity in its body, and about none when that cannot be read', () => {
  const about = (body: string) =>
    subjectOf(
      readLetter({ content: Buffer.from(body), properties: { messageId: 'm1' } }, 'tracks'),
      'track_id',
    );
  expect(about('{"track_id":"t1","owner":"me","task_id":"a"}')).toEqual({
    taskId: 'a',
    owner: 'me',
    entityId: 't1',
  });
  expect(about('{"track_id":7}')).toEqual({ taskId: 'm1', owner: '', entityId: '7' });
  expect(about('[1')).toEqual({ owner: '' });
});

test('a letter that may end its reader is not parsed: its names are looked for in the text', () => {
  const parse = JSON.parse;
  let parsed = 0;
  JSON.parse = () => parsed++;
  try {
    const about = (body: string): object => {
      const headers = { 'x-reason': POISON };
      const letter = readLetter(
        { content: Buffer.from(body), properties: { messageId: 'm1', headers } },
        'tracks',
      );
      return { ...subjectOf(letter, 'track_id'), ownerAlone: ownerOf(letter) };
    };
    const job = '0191d5a4-7b5e-7cc0-9a5b-1f2e3d4c5b6a';
    expect(
      about(`{"track_id": "t1","owner":"me","task_id":"a","job_id" :"${job}","state":{"task_id":"b"}`),
    ).toEqual({
      taskId: 'a',
      owner: 'me',
      entityId: 't1',
      jobId: job,
      ownerAlone: 'me',
    });
    expect(about('{"track_id":"t1","extra":{"owner":"another","job_id":"j"},"task_id":"a"}')).toEqual({
      taskId: 'm1',
      owner: '',
      entityId: 't1',
      ownerAlone: '',
    });
    expect(about('{"track_id":7}')).toEqual({ taskId: 'm1', owner: '', entityId: '7', ownerAlone: '' });
    expect(about('[1')).toEqual({ owner: '', ownerAlone: '' });
  } finally {
    JSON.parse = parse;
  }
  expect(parsed).toBe(0);
});
