import { describe, expect, it } from 'vitest';
import { formOf, mostContextOf, servedLess } from '../../../renderer/sections/model-settings-form.ts';
import type { WireModel } from '../../../server/wire/admin.ts';
import { usualModelSettings } from '../../../server/core/model.ts';
import { describeElsewhere } from '../../../server/engines/describe.ts';

function model(changes: Partial<WireModel> = {}): WireModel {
  const elsewhere = describeElsewhere({
    id: 'tiny',
    engine: 'builtin',
    task: 'generate',
    source: 'folder',
    path: '/models/tiny.gguf',
    state: 'ready',
  });
  const header = {
    trainContextTokens: 8192,
    contextBytesPerToken: 1000,
    workingBytes: 1,
    canUseTools: null,
    activeShare: 1,
  };
  return { ...elsewhere, header, ...changes };
}

const wanting = (contextTokens: number) => ({ ...usualModelSettings, contextTokens });

describe('the longest conversation of a model', () => {
  it('is what its file says, and no field holds more', () => {
    expect(mostContextOf(model())).toBe(8192);
    expect(mostContextOf({})).toBeNull();
    expect(formOf(model({ settings: wanting(131_072) })).contextTokens).toBe(8192);
    expect(formOf(model({ settings: wanting(4096) })).contextTokens).toBe(4096);
  });

  it('is said where it is less than was asked for, with the reason', () => {
    const served = (wanted: number, contextTokens: number | null) =>
      servedLess(model({ settings: wanting(wanted), contextTokens }));
    expect(served(131_072, 8192)).toEqual({ wanted: 131_072, served: 8192, because: 'model' });
    expect(served(8192, 4096)).toEqual({ wanted: 8192, served: 4096, because: 'memory' });
    expect(served(4096, 4096)).toBeNull();
    // The library rounds up.
    expect(served(4000, 4096)).toBeNull();
    expect(served(131_072, null)).toBeNull();
    expect(servedLess(model({ contextTokens: 4096 }))).toBeNull();
  });
});
