import { z } from 'zod';

/** The languages of the console. */
export const language = z.enum(['en', 'de']);
export type Language = z.infer<typeof language>;

/** One sentence in each of them, for what the server alone can put into words. */
export const text = z.object({ en: z.string(), de: z.string() });
export type Text = Readonly<z.infer<typeof text>>;
