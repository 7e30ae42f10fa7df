/** A computer that installers are made for, by electron-builder’s names and by Node’s. */
export type Target = {
  readonly os: 'linux' | 'win' | 'mac';
  readonly platform: 'linux' | 'win32' | 'darwin';
  readonly arch: 'x64' | 'arm64';
  /** Kinds of the engine that the Standard edition has there. */
  readonly engines: readonly string[];
  /** Those that the CUDA edition has besides. */
  readonly cuda: readonly string[];
};

export const targets: readonly Target[] = [
  {
    os: 'linux',
    platform: 'linux',
    arch: 'x64',
    engines: ['linux-x64', 'linux-x64-vulkan'],
    cuda: ['linux-x64-cuda', 'linux-x64-cuda-ext'],
  },
  {
    os: 'win',
    platform: 'win32',
    arch: 'x64',
    engines: ['win-x64', 'win-x64-vulkan'],
    cuda: ['win-x64-cuda', 'win-x64-cuda-ext'],
  },
  { os: 'mac', platform: 'darwin', arch: 'arm64', engines: ['mac-arm64-metal'], cuda: [] },
];

export type TargetPackage = {
  /** Below the project: `node_modules/a/node_modules/b`. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
};
