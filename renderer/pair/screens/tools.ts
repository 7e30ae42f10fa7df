import type { Redeemed } from '../../../server/wire/pairing.ts';
import { copyBlock, copyField } from '../copy.ts';
import { h } from '../dom.ts';
import { t, tCount } from '../words.ts';
import { guideElement, type Guide } from './guide.ts';

const anyTool = 'other';

/** What the tools are set up with. */
export type ToolSettings = Pick<Redeemed, 'baseUrl' | 'key' | 'guides' | 'contextTokens' | 'trust'> & {
  readonly chatModel: string;
};

/** “Which tool do you use?”, and how it is set up. `draft` keeps what is chosen while the page is made anew. */
export function toolsElement(settings: ToolSettings, draft: { tool: string | null }): HTMLElement {
  const { guides, trust } = settings;
  const details = h('div', { class: 'details' });
  const choose = (id: string): void => {
    draft.tool = id;
    const guide = guides.find((candidate) => candidate.id === id);
    details.replaceChildren(guide === undefined ? anyToolElement(settings) : guideElement(guide));
  };
  const first = guides.find(({ availability }) => availability === 'ready')?.id ?? anyTool;
  const chosen = draft.tool ?? first;
  choose(chosen);
  return h(
    'div',
    { class: 'stack' },
    trust === null ? null : trustElement(trust),
    h(
      'fieldset',
      { class: 'tiles' },
      h('legend', {}, t('ready.tool')),
      ...guides.map((guide) => tile(guide.id, { title: guide.title, sort: sortOf(guide) })),
      tile(anyTool, { title: t('ready.other'), sort: t('kind.any') }),
    ),
    details,
  );

  function tile(id: string, { title, sort }: { readonly title: string; readonly sort: string }): HTMLElement {
    const input = h('input', { type: 'radio', name: 'tool', value: id, checked: id === chosen });
    input.addEventListener('change', () => choose(id));
    return h(
      'label',
      { class: 'tile' },
      input,
      h('span', { class: 'tile-face' }, h('strong', {}, title), h('span', { class: 'muted small' }, sort)),
    );
  }
}

function sortOf({ availability, kind }: Guide): string {
  switch (availability) {
    case 'ready':
      return t(`kind.${kind}`);
    case 'outside':
      return t('kind.outside');
  }
}

/** Over https: what makes the device's programs accept our certificate. Fetched by the way this page came, which the browser has let through. */
function trustElement({ caUrl, fingerprint }: NonNullable<Redeemed['trust']>): HTMLElement {
  const href = new URL(caUrl).pathname;
  return h(
    'div',
    { class: 'stack-tight' },
    h('p', {}, t('ready.trust')),
    h('p', {}, h('a', { href, download: 'inglenook-ca.pem' }, t('ready.trustDownload'))),
    copyField(t('ready.trustFingerprint'), fingerprint),
  );
}

/** For what has no guide. */
function anyToolElement({ baseUrl, key, chatModel, contextTokens }: ToolSettings): HTMLElement {
  const environment = `OPENAI_BASE_URL=${baseUrl}\nOPENAI_API_KEY=${key}\n`;
  return h(
    'section',
    { class: 'stack', 'aria-labelledby': 'guide' },
    h('h2', { id: 'guide' }, t('ready.other')),
    h('p', {}, t('ready.otherLead')),
    copyField(t('ready.baseUrl'), baseUrl),
    copyField(t('ready.key'), key),
    copyField(t('ready.model'), chatModel),
    h(
      'div',
      { class: 'stack-tight' },
      h('p', { class: 'muted small' }, t('ready.environment')),
      copyBlock(t('ready.environment'), environment),
    ),
    contextTokens === null ? null : h('p', { class: 'muted' }, tCount('ready.context', contextTokens)),
  );
}
