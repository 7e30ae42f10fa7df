import { neighbourhood, type WireNeighbourhood } from '../server/wire/neighbours.ts';
import { ollamaPull, ollamaState } from '../server/wire/ollama.ts';
import type { OllamaSettingsRequest, WireOllamaState } from '../server/wire/ollama.ts';
import { leftOfficeList, queueList, type QueueList } from '../server/wire/queue.ts';
import { upstreamList, upstreamRecord } from '../server/wire/upstreams.ts';
import type { AddUpstreamRequest, UpdateUpstreamRequest, UpstreamRecord } from '../server/wire/upstreams.ts';
import { call, ignored } from './api.ts';

/** Ollama, other servers that answer for us, who waits for them, and what went out of the house. */

export type OllamaPull = WireOllamaState['pulls'][number];
export type LeftOffice = ReturnType<typeof leftOfficeList.parse>[number];

export function getOllama(): Promise<WireOllamaState> {
  return call(ollamaState, 'GET', '/api/ollama');
}

/** What is left out stays as it is. Answers when Ollama is ready or has failed. */
export function setOllama(change: OllamaSettingsRequest): Promise<WireOllamaState> {
  return call(ollamaState, 'PATCH', '/api/ollama', change);
}

export function pullModel(model: string): Promise<OllamaPull> {
  return call(ollamaPull, 'POST', '/api/ollama/pulls', { model });
}

/** Gives up a fetch, or takes one that has ended off the list. */
export async function cancelPull(model: string): Promise<void> {
  await call(ignored, 'DELETE', `/api/ollama/pulls/${encodeURIComponent(model)}`);
}

export function getUpstreams(): Promise<UpstreamRecord[]> {
  return call(upstreamList, 'GET', '/api/upstreams');
}

/** Other Inglenooks that announce themselves on the network. */
export function getNeighbours(): Promise<WireNeighbourhood> {
  return call(neighbourhood, 'GET', '/api/neighbours');
}

/** It is asked for its models at once; what came of it is in the answer. */
export function addUpstream(wish: AddUpstreamRequest): Promise<UpstreamRecord> {
  return call(upstreamRecord, 'POST', '/api/upstreams', wish);
}

export function updateUpstream(wanted: {
  readonly id: string;
  readonly change: UpdateUpstreamRequest;
}): Promise<UpstreamRecord> {
  return call(upstreamRecord, 'PATCH', `/api/upstreams/${encodeURIComponent(wanted.id)}`, wanted.change);
}

export function testUpstream(id: string): Promise<UpstreamRecord> {
  return call(upstreamRecord, 'POST', `/api/upstreams/${encodeURIComponent(id)}/test`);
}

export async function removeUpstream(id: string): Promise<void> {
  await call(ignored, 'DELETE', `/api/upstreams/${encodeURIComponent(id)}`);
}

/** Everything in the log, by engine and key. */
export function getLeftOffice(): Promise<LeftOffice[]> {
  return call(leftOfficeList, 'GET', '/api/left-office');
}

export function getQueue(): Promise<QueueList> {
  return call(queueList, 'GET', '/api/queue');
}
