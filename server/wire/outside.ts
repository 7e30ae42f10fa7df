import { z } from 'zod';

/** The public name that a reverse proxy or tunnel of the owner's leads here from the internet by, without scheme and port. */
export const publicName = z
  .string()
  .trim()
  .toLowerCase()
  .regex(
    /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/,
    'a public name like ai.example.org, without https:// and port, or null',
  )
  // A name of the office is no public one: it would close the office's own way in.
  .refine(
    (name) => !/\.(local|localhost|internal|home\.arpa|test)$/.test(name),
    'a name of the internet, or null',
  );
