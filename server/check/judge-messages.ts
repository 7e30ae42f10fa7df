import { z } from 'zod';
import { Fault, insist, objectOf } from './fault.ts';
import type { Frame } from './frames.ts';
import { placeOf, readCall, type JudgedAnswer } from './judge-chat.ts';

/** What clients of the Messages API rely on (clients.md §5.2). */

const messageStart = z.looseObject({
  message: z.looseObject({
    id: z.string().min(1),
    role: z.literal('assistant'),
    content: z.array(z.unknown()).length(0),
    usage: z.looseObject({ input_tokens: z.int().min(1) }),
  }),
});
const blockStart = z.looseObject({
  index: z.int().min(0),
  content_block: z.looseObject({ type: z.string(), id: z.string().nullish(), name: z.string().nullish() }),
});
const blockDelta = z.looseObject({
  index: z.int().min(0),
  delta: z.looseObject({
    type: z.string(),
    text: z.string().nullish(),
    thinking: z.string().nullish(),
    partial_json: z.string().nullish(),
  }),
});
const blockStop = z.looseObject({ index: z.int().min(0) });
const messageDelta = z.looseObject({
  delta: z.looseObject({ stop_reason: z.string() }),
  usage: z.looseObject({ output_tokens: z.int().min(0) }),
});

type Block = { readonly type: string; readonly id: string; readonly name: string; text: string };

/** @throws Fault */
export function judgeMessagesStream(frames: readonly Frame[]): JudgedAnswer {
  const blocks: Block[] = [];
  let isOpen = false;
  let inputTokens: number | null = null;
  let stopReason: string | null = null;
  for (const [at, { event, data }] of frames.entries()) {
    const value = objectOf(data, 'an event');
    const type = String(value['type']);
    insist(event === type, 'the event: line of an event is not its type');
    insist((at === 0) === (type === 'message_start'), 'message_start is not the first event');
    switch (type) {
      case 'ping':
        break;
      case 'message_start':
        inputTokens = read(messageStart, value, type).message.usage.input_tokens;
        break;
      case 'content_block_start': {
        const { index, content_block: begun } = read(blockStart, value, type);
        insist(!isOpen && index === blocks.length, 'a block begins before the one before has ended');
        blocks.push({ type: begun.type, id: begun.id ?? '', name: begun.name ?? '', text: '' });
        isOpen = true;
        break;
      }
      case 'content_block_delta': {
        const { index, delta } = read(blockDelta, value, type);
        const block = blocks[index];
        insist(
          isOpen && block !== undefined && index === blocks.length - 1,
          'a piece belongs to no open block',
        );
        block.text += delta.text ?? delta.thinking ?? delta.partial_json ?? '';
        break;
      }
      case 'content_block_stop':
        insist(isOpen && read(blockStop, value, type).index === blocks.length - 1, 'a block ends twice');
        isOpen = false;
        break;
      case 'message_delta':
        stopReason = read(messageDelta, value, type).delta.stop_reason;
        break;
      case 'message_stop':
        insist(at === frames.length - 1, 'something comes after message_stop');
        break;
      default:
        throw new Fault(`the stream has an event of type ${type.slice(0, 50)}`);
    }
  }
  insist(frames.at(-1)?.event === 'message_stop', 'the stream does not end with message_stop');
  insist(!isOpen, 'the last block has not ended');
  insist(stopReason !== null, 'nothing says why it has ended');
  return {
    text: blocks.map((block) => (block.type === 'tool_use' ? '' : block.text)).join(''),
    calls: blocks
      .filter(({ type }) => type === 'tool_use')
      .map(({ id, name, text }) => {
        insist(id !== '' && name !== '', 'a call lacks its id or name');
        return readCall({ id, name, arguments: text === '' ? '{}' : text });
      }),
    finish: stopReason,
    promptTokens: inputTokens,
  };
}

function read<Schema extends z.ZodType>(schema: Schema, value: unknown, type: string): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Fault(`${type} lacks ${placeOf(parsed.error)}`);
}
