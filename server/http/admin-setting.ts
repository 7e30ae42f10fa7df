import type { Request } from 'express';
import type { z } from 'zod';
import type { SettingRecord } from '../wire/settings.ts';
import type { AdminContext } from './admin-services.ts';

export type SettingValue = SettingRecord['value'];

/** What can be set by name, for scripts; the console has its own screens for the same things. */
export type Setting = {
  readonly meaning: string;
  readonly get: (context: AdminContext) => SettingValue;
  readonly schema: z.ZodType<SettingValue>;
  readonly set: (context: AdminContext, value: never, request: Request) => void | Promise<void>;
};
