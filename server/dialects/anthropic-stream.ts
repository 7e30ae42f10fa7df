import type { GeneratePart } from '../core/generate.ts';
import { deltaUsage, fullUsage, messageHead, signature, stopFields, toolUse } from './anthropic-answer.ts';
import { anthropicError } from './anthropic-errors.ts';
import type { AnswerHead, Call, StreamEncoder } from './dialect.ts';

/**
 * Events in the vendor's order (clients.md §5.2). Its SDK skips what has no `event:` line. One block is open at a
 * time; what comes of another kind closes it. Per token only the text is escaped.
 */
export function openStream(head: AnswerHead, { request }: Call): StreamEncoder {
  let open: 'text' | 'thinking' | 'tool_use' | null = null;
  let index = -1;

  function closeBlock(): string {
    if (open === null) return '';
    const signed = open === 'thinking' ? delta('signature_delta', 'signature', signature) : '';
    open = null;
    return `${signed}event: content_block_stop\ndata: {"type":"content_block_stop","index":${index}}\n\n`;
  }
  function openBlock(kind: 'text' | 'thinking' | 'tool_use', block: unknown): string {
    const closed = closeBlock();
    open = kind;
    index += 1;
    return closed + event('content_block_start', { index, content_block: block });
  }
  function delta(type: string, name: string, text: string): string {
    return `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":"${type}","${name}":${JSON.stringify(text)}}}\n\n`;
  }

  function encode(part: GeneratePart): string {
    switch (part.type) {
      case 'start': {
        const usage = fullUsage({ ...part, completionTokens: 0 });
        return event('message_start', { message: { ...messageHead(head), usage } });
      }
      case 'text-delta': {
        if (part.text === '') return '';
        const opened = open === 'text' ? '' : openBlock('text', { type: 'text', text: '', citations: null });
        return opened + delta('text_delta', 'text', part.text);
      }
      case 'reasoning-delta': {
        if (part.text === '') return '';
        const opened =
          open === 'thinking' ? '' : openBlock('thinking', { type: 'thinking', thinking: '', signature: '' });
        return opened + delta('thinking_delta', 'thinking', part.text);
      }
      case 'tool-call-start':
        return openBlock('tool_use', toolUse(part, {})) + delta('input_json_delta', 'partial_json', '');
      case 'tool-call-delta':
        return delta('input_json_delta', 'partial_json', part.arguments);
      case 'finish': {
        const ending = { ...stopFields(part, request.maxTokens), stop_details: null, container: null };
        return closeBlock() + event('message_delta', { delta: ending, usage: deltaUsage(part.usage) });
      }
    }
  }

  return {
    encode,
    end: () => event('message_stop', {}),
    fail: (error) => {
      const { body } = anthropicError(error, head.requestId);
      return `event: error\ndata: ${JSON.stringify(body)}\n\n`;
    },
    keepAlive: () => event('ping', {}),
  };
}

function event(type: string, fields: Readonly<Record<string, unknown>>): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}
