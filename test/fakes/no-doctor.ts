import type { Doctor } from '../../server/doctor/doctor.ts';

/** A doctor that finds nothing and looks at nothing; for tests of everything else. */
export function noDoctor(): Doctor {
  return { look: async () => ({ madeAt: '2026-11-23T12:00:00.000Z', version: '1.2.3', checks: [] }) };
}
