import { z } from 'zod';

/** A setting by its dotted name; the value is what JSON makes of it. */
export const settingRecord = z.object({
  name: z.string(),
  value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
  /** One sentence for the owner. */
  meaning: z.string(),
});
export type SettingRecord = z.infer<typeof settingRecord>;
export const settingList = z.array(settingRecord);

/** `PUT /api/settings/:name` */
export const setSettingRequest = z.strictObject({ value: settingRecord.shape.value });
