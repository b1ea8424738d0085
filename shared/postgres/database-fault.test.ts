import { isConnectionFault, isDataFault, isTimeout, isTransient } from './database-fault.ts';

const sqlError = (code: string): Error => Object.assign(new Error('refused'), { code });

describe('faults of a database', () => {
  test.each([
    '57P01',
    '57P02',
    '57P03',
    '08006',
    '08P01',
    '53300',
    '53100',
    '57014',
    '25P03',
    '25006',
    'ECONNREFUSED',
    'EPIPE',
  ])('%s is the server, and no row is to blame', (code) => {
    expect(isConnectionFault(sqlError(code))).toBe(true);
    expect(isDataFault(sqlError(code))).toBe(false);
    expect(isTransient(sqlError(code))).toBe(false);
  });

  test.each([
    'Connection terminated',
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'Query read timeout',
    'timeout exceeded when trying to connect',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
  ])('"%s", which has no code, is the server', (message) => {
    expect(isConnectionFault(new Error(message))).toBe(true);
  });

  test.each(['40P01', '40001', '55P03'])('%s works when it is run again', (code) => {
    expect(isTransient(sqlError(code))).toBe(true);
    expect(isConnectionFault(sqlError(code))).toBe(false);
    expect(isDataFault(sqlError(code))).toBe(false);
  });

  test.each(['22003', '22P02', '23502', '54000'])('%s is the row', (code) => {
    expect(isDataFault(sqlError(code))).toBe(true);
    expect(isConnectionFault(sqlError(code))).toBe(false);
  });

  test('a missing table, a missing right, an unknown error and a value that is no error are none of them', () => {
    for (const error of [sqlError('42P01'), sqlError('42501'), new Error('boom'), 'boom', undefined]) {
      expect([isConnectionFault(error), isDataFault(error), isTransient(error)]).toEqual([
        false,
        false,
        false,
      ]);
    }
  });

  test('only a server that did not answer in time is a timeout', () => {
    expect(isTimeout(new Error('Query read timeout'))).toBe(true);
    expect(isTimeout(sqlError('57014'))).toBe(true);
    expect(isTimeout(sqlError('57P01'))).toBe(false);
    expect(isTimeout(new Error('Connection terminated unexpectedly'))).toBe(false);
  });
});
