import type { ConnectContext } from '../../../server/connect/context.ts';
import { connectGuides } from '../../../server/connect/guides.ts';
import type { ConnectGuide } from '../../../server/wire/connect.ts';

export function contextWith(changes: Partial<ConnectContext> = {}): ConnectContext {
  return {
    baseUrl: 'http://192.168.1.20:11500/v1',
    key: 'sk-ink_abc',
    roles: {
      chat: 'office',
      code: 'office-code',
      autocomplete: 'office-autocomplete',
      embed: 'office-embed',
    },
    contextTokens: 32_768,
    isTestModel: false,
    plain: false,
    trust: null,
    ...changes,
  };
}

/** What a person or a program might have put into a name: each format has its own way of taking it for code. */
export const hostile = {
  key: `k"'\\ $(touch /tmp/x) \`id\` \${HOME} %s\n# "}]: 'end`,
  name: `yes: "no" # it's $(reboot) \`id\`, {a: [1]} \\u0041 & *x !tag %d '''"""`,
} as const;

export const hostileContext = contextWith({
  key: hostile.key,
  isTestModel: true,
  roles: { chat: hostile.name, code: hostile.name, autocomplete: hostile.name, embed: hostile.name },
});

export function guide(context: ConnectContext, id: string): ConnectGuide {
  const found = connectGuides(context).find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error(`no guide ${id}`);
  return found;
}

/** The texts of one language in a guide's order. */
export function snippets(context: ConnectContext, id: string, language: string): string[] {
  return guide(context, id).steps.flatMap(({ snippet }) =>
    snippet?.language === language ? [snippet.text] : [],
  );
}
