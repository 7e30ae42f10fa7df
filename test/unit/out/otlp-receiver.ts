import type { Export } from '../../../server/core/export.ts';
import type { LogRow } from '../../../server/core/log-row.ts';
import { noContents, type Contents } from '../../../server/out/content.ts';
import { otlpReceiver } from '../../../server/out/otlp/otlp-receiver.ts';
import { startCollector } from './collector.ts';
import { throughProtobuf, type DecodedBatch } from './otlp-protobuf.ts';

export const never = new AbortController().signal;

/** The real receiver at this address. */
export function receiver(url: string, change: Partial<Export> = {}, contents: Contents = noContents) {
  return otlpReceiver({
    export: {
      name: 'x',
      kind: 'otlp',
      url,
      mayLeave: false,
      people: true,
      prompts: true,
      createdMs: 0,
      ...change,
    },
    secret: { headers: { 'x-token': 'secret-1' }, publicKey: 'pk-lf-1', secretKey: 'sk-lf-2' },
    version: '0.1.0',
    port: () => 11500,
    contents,
  });
}

/** The one batch that these rows make, as a receiver in protobuf's world reads it. */
export async function sent(
  rows: readonly LogRow[],
  change: Partial<Export> = {},
  contents?: Contents,
): Promise<DecodedBatch> {
  const collector = await startCollector();
  await receiver(`${collector.url}/v1/traces`, change, contents).send(rows, never);
  const [batch] = throughProtobuf(JSON.parse(collector.received[0]?.body ?? ''));
  if (batch === undefined) throw new Error('nothing came');
  return batch;
}
