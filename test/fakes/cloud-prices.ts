import { join } from 'node:path';
import type { Logger } from '../../server/core/logger.ts';
import { openCloudPrices, type CloudPrices } from '../../server/store/savings/cloud-prices.ts';

/** The real list that comes with the program; an owner's own cannot be written unless a folder is given. */
export function testCloudPrices(log: Logger, dir = '/nowhere/inglenook'): CloudPrices {
  const bundledFile = join(import.meta.dirname, '..', '..', 'resources', 'cloud-prices.json');
  return openCloudPrices({ bundledFile, ownFile: join(dir, 'cloud-prices.json'), log });
}
