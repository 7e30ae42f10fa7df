import { describe, expect, it } from 'vitest';
import type { TestServer } from './harness.ts';
import { model, start } from './responses-client.ts';

describe('agents', () => {
  /** As Codex 0.169 sends it: clients.md §3.12 and §6, openai/codex `codex-api/src/common.rs`. */
  const codex = {
    model,
    instructions: 'You are a coding agent.',
    input: [
      { type: 'message', role: 'developer', content: [{ type: 'input_text', text: '<permissions>' }] },
      { type: 'message', id: 'msg_1', role: 'user', content: [{ type: 'input_text', text: 'Fix it.' }] },
      { type: 'reasoning', summary: [], content: null, encrypted_content: 'b3RoZXI=' },
      {
        type: 'function_call',
        id: 'fc_1',
        name: 'shell',
        arguments: '{}',
        call_id: 'call_1',
        status: 'completed',
      },
      { type: 'function_call_output', call_id: 'call_1', output: 'done' },
      { type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'x' } },
    ],
    tools: [
      {
        type: 'function',
        name: 'shell',
        description: '',
        strict: false,
        parameters: { type: 'object', properties: {} },
      },
      {
        type: 'custom',
        name: 'apply_patch',
        description: 'Patch.',
        format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
      },
      {
        type: 'namespace',
        name: 'mcp__docs__',
        description: 'Docs.',
        tools: [{ type: 'function', name: 'read', strict: false, parameters: { type: 'object' } }],
      },
      { type: 'web_search', external_web_access: false },
      { type: 'tool_search', execution: 'client', description: '', parameters: {} },
      { type: 'image_generation', output_format: 'png' },
      { type: 'local_shell' },
    ],
    tool_choice: 'auto',
    parallel_tool_calls: false,
    reasoning: { effort: 'medium', summary: 'auto' },
    store: false,
    stream: true,
    include: ['reasoning.encrypted_content'],
    service_tier: null,
    prompt_cache_key: '0199',
    text: { verbosity: 'medium' },
    client_metadata: { 'x-codex-installation-id': '1' },
  };

  const post = async (server: TestServer, body: unknown, path = '/v1/responses'): Promise<Response> =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  it('of Codex are served, and told what was left out', async () => {
    const server = await start({
      answer: {
        reason: 'tool_calls',
        parts: [
          { type: 'reasoning-delta', text: 'A patch.', tokens: 1 },
          { type: 'tool-call-start', index: 0, id: 'call_2', name: 'apply_patch', tokens: 1 },
          { type: 'tool-call-delta', index: 0, arguments: '{"input":"*** Begin', tokens: 1 },
          { type: 'tool-call-delta', index: 0, arguments: ' Patch"}', tokens: 1 },
        ],
      },
    });
    const response = await post(server, codex);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-inglenook-dropped')).toBe(
      'tools.web_search,tools.tool_search,tools.image_generation,tools.local_shell,tools.1.format,input.web_search_call',
    );
    const frames = (await response.text()).split('\n\n').filter((frame) => frame !== '');
    const events = frames.map((frame) => JSON.parse(frame.split('\ndata: ')[1] ?? ''));
    const done = events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item);
    expect(done).toMatchObject([
      { type: 'reasoning', summary: [{ text: 'A patch.' }], encrypted_content: expect.any(String) },
      { type: 'custom_tool_call', name: 'apply_patch', input: '*** Begin Patch', call_id: 'call_2' },
    ]);
    expect(events.at(-1)).toMatchObject({
      type: 'response.completed',
      response: { id: expect.stringMatching(/^resp_/), usage: { total_tokens: 17 } },
    });

    // The next turn: what was thought comes back sealed, and is understood.
    const next = [
      ...codex.input,
      ...done,
      { type: 'custom_tool_call_output', call_id: 'call_2', output: 'Success' },
    ];
    await (await post(server, { ...codex, input: next })).text();
    expect(server.engine.seen.requests[1]?.messages.slice(-2)).toMatchObject([
      { role: 'assistant', reasoning: 'A patch.', toolCalls: [{ arguments: '{"input":"*** Begin Patch"}' }] },
      { role: 'tool', toolCallId: 'call_2' },
    ]);
    expect(server.engine.seen.requests[0]?.chat).toMatchObject({
      parallelToolCalls: false,
      reasoningEffort: 'medium',
    });
    expect(server.engine.seen.requests[0]?.chat?.tools.map(({ name }) => name)).toEqual([
      'shell',
      'apply_patch',
      'mcp__docs__read',
    ]);
  });

  it('are told of a failure in the middle by an error that the vendor’s client raises', async () => {
    const { client, rows } = await start({
      beforePart: (index) => {
        if (index === 2) throw new Error('the engine fell over');
      },
    });
    const stream = await client.responses.create({ model, input: 'Hi', stream: true });
    const seen: string[] = [];
    const read = async (): Promise<void> => {
      for await (const event of stream) seen.push(event.type);
    };
    await expect(read()).rejects.toThrow(/Something went wrong inside Inglenook/);
    expect(seen).toContain('response.output_text.delta');
    expect(rows()[0]?.status).toBe('error');
  });

  it('may ask how long a request is, also of a kept conversation', async () => {
    const server = await start();
    const first = await server.client.responses.create({ model, input: 'Hi' });
    const counted = await server.client.responses.inputTokens.count({
      model,
      previous_response_id: first.id,
      input: 'And?',
    });
    expect(counted).toEqual({ object: 'response.input_tokens', input_tokens: 12 });
    expect(await server.client.responses.inputTokens.count({ model })).toMatchObject({ input_tokens: 0 });
    expect(server.engine.seen.requests).toHaveLength(1);
  });

  it('find the same routes without /v1, and no others', async () => {
    const server = await start();
    expect((await post(server, { model, input: 'Hi' }, '/responses')).status).toBe(200);
    const wrong = await post(server, { model }, '/v1/responses/compact');
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, DELETE']);
    const strange = await fetch(`${server.url}/v1/responses/resp_1`);
    expect(strange.status).toBe(401);
    const model404 = await post(server, { model: 'nobody', input: 'Hi' });
    expect(await model404.json()).toMatchObject({ error: { code: 'model_not_found', param: 'model' } });
  });

  it('cannot use up the server by strange ids', async () => {
    const { client } = await start();
    for (const id of ['%', 'resp_'.repeat(500), "'; DROP TABLE responses"]) {
      await expect(client.responses.retrieve(id)).rejects.toMatchObject({
        status: expect.toSatisfy((status: number) => status >= 400 && status < 500),
      });
    }
  });
});
