import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { AppBridge, ShellPreferences } from '../electron/shared/channels.ts';

/** The app around the console, which is asked directly and not over http. */

const infoKey = ['app', 'info'];
const preferencesKey = ['app', 'preferences'];

export function useAppInfo(bridge: AppBridge) {
  return useQuery({ queryKey: infoKey, queryFn: () => bridge.info(), staleTime: 0 });
}

export function useAppPreferences(bridge: AppBridge) {
  return useQuery({ queryKey: preferencesKey, queryFn: () => bridge.preferences(), staleTime: 0 });
}

export function useSetAppPreferences(bridge: AppBridge) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: Partial<ShellPreferences>) => bridge.setPreferences(change),
    onSuccess: (all) => client.setQueryData(preferencesKey, all),
  });
}

/** Something that is done outside of the console: a folder opened, the server started anew. */
export function useAppAct(act: () => Promise<void>) {
  return useMutation({ mutationFn: act });
}
