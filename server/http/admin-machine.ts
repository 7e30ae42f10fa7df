import { internetState, machineState, type InternetState, type MachineState } from '../wire/machine.ts';
import { route, type AdminRoute } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';

/** What this computer has, and what it reaches. */
export const machineRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/machine',
    summary: 'The memory of this computer and of its graphics cards: all there is, and what is free now.',
    answer: machineState,
    handle: ({ context }) => describeMachine(context),
  }),
  route({
    method: 'get',
    path: '/internet',
    summary:
      'Whether the place that models are fetched from can be reached: one connection, given up after two seconds. Nothing is asked where the server never goes online.',
    answer: internetState,
    handle: ({ context }) => showInternet(context),
  }),
];

async function showInternet({ supply, online }: AdminContext): Promise<InternetState> {
  return { ...(await supply.reach()), isForced: online.isForced };
}

async function describeMachine({ supply }: AdminContext): Promise<MachineState> {
  const {
    freeBytes,
    totalBytes = null,
    gpuFreeBytes,
    gpuTotalBytes = null,
    isGpuShared,
  } = await supply.machine();
  return {
    memory: { totalBytes, freeBytes },
    gpu:
      gpuFreeBytes === null
        ? null
        : { totalBytes: gpuTotalBytes, freeBytes: gpuFreeBytes, isShared: isGpuShared ?? false },
  };
}
