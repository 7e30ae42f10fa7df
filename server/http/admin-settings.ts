import { z } from 'zod';
import { AppError, invalidRequest } from '../core/errors.ts';
import { setSettingRequest, settingList, settingRecord, type SettingRecord } from '../wire/settings.ts';
import { route, type AdminRoute } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';

type Value = SettingRecord['value'];

/** What can be set by name, for scripts; the console has its own screens for the same things. */
type Setting = {
  readonly meaning: string;
  readonly get: (context: AdminContext) => Value;
  readonly schema: z.ZodType<Value>;
  readonly set: (context: AdminContext, value: never) => void | Promise<void>;
};

const settings: Readonly<Record<string, Setting>> = {
  'lan.on': {
    meaning: 'Whether the office is let in, or only this computer.',
    schema: z.boolean('true or false'),
    get: ({ office }) => office.state().on,
    set: (context, on: boolean) => context.office.choose({ on, address: chosenAddress(context) }),
  },
  'lan.address': {
    meaning: 'The address the office is told; null lets the routing table decide.',
    schema: z.union([z.ipv4(), z.null()], 'an IPv4 address of this computer, or null'),
    get: (context) => chosenAddress(context),
    set: ({ office }, address: string | null) => office.choose({ on: office.state().on, address }),
  },
};

function chosenAddress({ office }: AdminContext): string | null {
  return office.chosenAddress();
}

export const settingRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/settings',
    summary: 'All settings that can be set by name.',
    answer: settingList,
    handle: ({ context }) => Object.keys(settings).map((name) => recordOf(context, name)),
  }),
  route({
    method: 'get',
    path: '/settings/:name',
    summary: 'One setting.',
    answer: settingRecord,
    handle: ({ context, param }) => recordOf(context, param('name')),
  }),
  route({
    method: 'put',
    path: '/settings/:name',
    summary: 'Sets one setting; it counts at once.',
    body: setSettingRequest,
    answer: settingRecord,
    handle: async ({ context, param, body }) => {
      const name = param('name');
      const setting = find(name);
      const parsed = setting.schema.safeParse(body.value);
      if (!parsed.success) throw invalidRequest(`${name} takes ${parsed.error.issues[0]?.message}.`, 'value');
      // `find` gave schema and setter of the same entry, so the value is what this setter takes.
      await setting.set(context, parsed.data as never);
      return recordOf(context, name);
    },
  }),
];

function recordOf(context: AdminContext, name: string): SettingRecord {
  const setting = find(name);
  return { name, value: setting.get(context), meaning: setting.meaning };
}

function find(name: string): Setting {
  const setting = Object.hasOwn(settings, name) ? settings[name] : undefined;
  if (setting !== undefined) return setting;
  throw new AppError(`There is no setting of that name. There are: ${Object.keys(settings).join(', ')}.`, {
    status: 404,
    code: 'setting_not_found',
    retryable: false,
  });
}
