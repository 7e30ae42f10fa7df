import type { ConnectGuide, ConnectTrustTool } from '../wire/connect.ts';
import { settingsOf, type ConnectContext, type Template } from './context.ts';
import { claudeCodeTemplate, clineTemplate, continueTemplate, cursorTemplate } from './editors.ts';
import { trustSteps, trustWay } from './trust.ts';
import { curlTemplate, openWebUiTemplate, pythonTemplate, typescriptTemplate } from './programs.ts';

/** Every tool there is a guide for, in the order of the tiles. */
const templates: readonly Template[] = [
  continueTemplate,
  clineTemplate,
  claudeCodeTemplate,
  openWebUiTemplate,
  cursorTemplate,
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
