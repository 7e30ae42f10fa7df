import type { ConnectGuide, ConnectTrustTool } from '../wire/connect.ts';
import {
  aiderTemplate,
  claudeCodeTemplate,
  codexTemplate,
  gooseTemplate,
  openCodeTemplate,
} from './agents.ts';
import {
  homeAssistantTemplate,
  libreChatTemplate,
  n8nTemplate,
  obsidianTemplate,
  openWebUiTemplate,
} from './chats.ts';
import { settingsOf, type ConnectContext, type Template } from './context.ts';
import { cursorTemplate } from './cursor.ts';
import {
  clineTemplate,
  continueTemplate,
  jetBrainsTemplate,
  kiloTemplate,
  rooTemplate,
  vsCodeTemplate,
  zedTemplate,
} from './editors.ts';
import { curlTemplate, pythonTemplate, typescriptTemplate } from './programs.ts';
import { trustSteps, trustWay } from './trust.ts';

/** Every tool there is a guide for, by kind, in the order of the tiles. */
const templates: readonly Template[] = [
  continueTemplate,
  clineTemplate,
  rooTemplate,
  kiloTemplate,
  vsCodeTemplate,
  jetBrainsTemplate,
  zedTemplate,
  cursorTemplate,
  claudeCodeTemplate,
  codexTemplate,
  openCodeTemplate,
  aiderTemplate,
  gooseTemplate,
  openWebUiTemplate,
  libreChatTemplate,
  obsidianTemplate,
  n8nTemplate,
  homeAssistantTemplate,
  pythonTemplate,
  typescriptTemplate,
  curlTemplate,
];

/** How each tool is set up, with the address, names and key filled in. The words are in `renderer/locales/connect.*.json`. */
export function connectGuides(context: ConnectContext): ConnectGuide[] {
  const settings = settingsOf(context);
  return templates.map((template) => ({
    id: template.id,
    title: template.title,
    kind: template.kind,
    availability: template.availability,
    roles: [...template.roles],
    tested: template.tested,
    steps: [
      ...(settings.trust === null ? [] : trustSteps(template.id, settings.trust)),
      ...template.steps(settings),
    ],
    notes: notesOf(template, context).map((key) => `connect.${key}`),
  }));
}

/** Every tool that must be told to trust our authority, and how: see `trustWay`. */
export function trustTools(): ConnectTrustTool[] {
  return templates.flatMap(({ id, title }) => {
    const steps = trustWay(id);
    return steps === null ? [] : [{ id, title, steps: [...steps] }];
  });
}

/** What is particular to the tool comes first. */
function notesOf(template: Template, context: ConnectContext): string[] {
  const { contextTokens, isTestModel, plain } = context;
  const { availability, needsTokens: needs, notes: own } = template;
  if (availability !== 'ready') return [...own];
  const isTooSmall = needs !== null && contextTokens !== null && contextTokens < needs;
  return [
    ...(isTestModel ? ['note.testModel'] : []),
    ...(isTooSmall ? [`note.context${needs / 1000}k`] : []),
    ...own,
    ...(plain ? ['note.plain'] : []),
  ];
}
