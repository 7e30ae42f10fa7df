import type { LogRow } from '../core/log-row.ts';

/** The row without anything that tells who asked, for receivers that are not to know. */
export function withoutPeople(row: LogRow): LogRow {
  return {
    ...row,
    key: null,
    keyId: null,
    person: null,
    device: null,
    endUser: null,
    labels: {},
    client: null,
    clientRequestId: null,
    ip: '',
  };
}
