import type { MeGuides } from '../../../server/wire/me.ts';
import { button, h } from '../../pair/dom.ts';
import { attention } from '../../pair/screens/notes.ts';
import { toolsElement } from '../../pair/screens/tools.ts';
import { guideSentence } from '../../pair/words.ts';
import { card } from '../panel.ts';
import { askGuides } from '../server.ts';
import { say } from '../words.ts';

/** What has been fetched and chosen; outlives a change of the language. */
export type ToolsMemory = { guides: MeGuides | null; tool: string | null };

/** How the tools are set up, with the key that this browser has: the server has sent a placeholder in its place. */
export function toolsCard(key: string, memory: ToolsMemory): HTMLElement {
  const body = h('div', { class: 'stack' });

  async function load(): Promise<void> {
    body.replaceChildren(h('p', { class: 'muted' }, say('tools.loading')));
    const answer = await askGuides(key);
    if (answer.kind !== 'ok') {
      body.replaceChildren(
        h('p', { class: 'warned' }, say('tools.failed')),
        h(
          'div',
          { class: 'row' },
          button('default', say('tools.again'), () => void load()),
        ),
      );
      return;
    }
    memory.guides = answer.body;
    show(answer.body);
  }
  function show(guides: MeGuides): void {
    body.replaceChildren(
      h('p', { class: 'muted' }, say('tools.lead')),
      ...(guides.isTestModel ? [attention(guideSentence('connect.note.testModel'))] : []),
      toolsElement({ ...withKey(guides, key), key }, memory),
    );
  }
  if (memory.guides === null) void load();
  else show(memory.guides);
  return card(say('tools.title'), body);
}

/** A key has no character that any of the formats would have to escape. */
function withKey(guides: MeGuides, key: string): MeGuides {
  return {
    ...guides,
    guides: guides.guides.map((guide) => ({
      ...guide,
      steps: guide.steps.map((step) =>
        step.snippet === null
          ? step
          : {
              ...step,
              snippet: { ...step.snippet, text: step.snippet.text.replaceAll(guides.placeholder, key) },
            },
      ),
    })),
  };
}
