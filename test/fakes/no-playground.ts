import { modelNotFound } from '../../server/core/errors.ts';
import type { Playground } from '../../server/http/playground.ts';

/** For servers without anybody who answers. */
export const noPlayground: Playground = async () => {
  throw modelNotFound('any');
};
