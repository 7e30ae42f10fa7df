import type { Flow } from '../flow.ts';

/** What somebody has begun to fill in or chosen; outlives a change of the language. */
export type Draft = { code: string; device: string | null; tool: string | null };

export type ViewContext = { readonly flow: Flow; readonly draft: Draft };
