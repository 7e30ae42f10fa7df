import type { LogRow } from '../../../server/core/log-row.ts';
import { newRequestId } from '../../../server/core/request-id.ts';
import { logRow } from '../admin/admin-server.ts';

const startMs = Date.parse('2026-11-22T12:00:00.123Z');
let count = 0;

/** A row of its own id and time. */
export function freshRow(changes: Partial<LogRow> = {}): LogRow {
  count += 1;
  const timeMs = startMs + count * 1000;
  return logRow({ id: newRequestId(timeMs), time: new Date(timeMs).toISOString(), ...changes });
}

/** One that has something in every field. */
export function fullRow(changes: Partial<LogRow> = {}): LogRow {
  return freshRow({
    key: 'Anna’s laptop',
    keyId: 'key_1',
    person: 'Anna',
    team: 'Web',
    labels: { project: 'site' },
    endUser: 'visitor-7',
    device: 'laptop',
    model: 'office',
    servedModel: 'fake-model',
    engine: 'fake',
    promptTokens: 120,
    cachedTokens: 100,
    completionTokens: 40,
    costNanos: 1_234_567,
    queueMs: 1.5,
    loadMs: 2.5,
    firstTokenMs: 12.5,
    totalMs: 80.3,
    tried: ['other', 'fake-model'],
    dropped: ['logit_bias'],
    client: 'OpenAI/JS 7',
    clientRequestId: 'mine-1',
    ip: '192.168.0.7',
    leftOffice: 'cloud',
    atOnce: 3,
    ...changes,
  });
}
