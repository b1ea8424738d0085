import { carriedHeaders, keptHeaders } from './message-headers.ts';

test('foreign headers of any size fit into a message again, and what is small among them stays', () => {
  const foreign = { 'x-huge': 'ü'.repeat(60_000), traceparent: '00-1', 'x-table': { a: 1 }, 'x-mine': true };
  expect(carriedHeaders(foreign)).toEqual({ traceparent: '00-1', 'x-mine': true });
});

test('foreign headers crowd out nothing that a dead letter says of itself', () => {
  const foreign = Object.fromEntries(
    Array.from({ length: 500 }, (_, at) => [`x-foreign-${at}`, 'x'.repeat(20)]),
  );
  const kept = keptHeaders({ ...foreign, 'x-replay-count': 2, 'x-first-error': 'e'.repeat(2_000) });
  expect(kept).toMatchObject({ 'x-replay-count': 2, 'x-first-error': 'e'.repeat(2_000) });
  expect(JSON.stringify(kept).length).toBeLessThan(20_000);
});

test('what the broker and a sweep wrote belongs to one stay', () => {
  const stay = { 'x-death': [], 'x-delivery-count': 3, 'x-redeliveries': 2, 'x-swept-by': 'a', CC: 'b' };
  expect(keptHeaders({ ...stay, 'x-error': 'e' })).toEqual({ 'x-error': 'e' });
  expect(carriedHeaders({ ...stay, 'x-error': 'e' })).toEqual({});
});
