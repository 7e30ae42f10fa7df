import { z } from 'zod';

// Must be imported before any schema is made: zod otherwise tries `new Function`, which the content security
// policy forbids and the browser reports as an error although zod catches it.
z.config({ jitless: true });
