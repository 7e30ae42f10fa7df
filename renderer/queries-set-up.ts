import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { setUpStage, type SetUpStage } from '../server/wire/office-model.ts';
import * as setUp from './api-set-up.ts';
import { setSetting } from './api.ts';
import { cacheKeys, signedOutMeansSession, useModels } from './queries.ts';
import { useSettingValues } from './use-setting.ts';

/** Whether models can be fetched; asked when somebody looks, and again by hand. */
export function useInternet() {
  return useQuery({ queryKey: ['internet'], queryFn: setUp.getInternet, staleTime: 60_000 });
}

/** Asking may start a process, so it is asked again when a model has come or gone, and else seldom. */
const machineEveryMs = 5 * 60_000;

export function useMachine() {
  const loaded = (useModels().data ?? []).map(({ id, memory }) => [id, memory.measuredBytes]);
  return useQuery({
    queryKey: ['machine', JSON.stringify(loaded)],
    queryFn: setUp.getMachine,
    placeholderData: keepPreviousData,
    refetchInterval: machineEveryMs,
  });
}

/** Below the names: whatever tells that those have changed asks for it again. */
const officeModelKey = [...cacheKeys.aliases, 'office-model'] as const;

export function useOfficeModel() {
  return useQuery({ queryKey: officeModelKey, queryFn: setUp.getOfficeModel });
}

export function useOfficeModelChange<Answer>(change: () => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onError: (error) => signedOutMeansSession(client, error),
    onSettled: () => client.invalidateQueries({ queryKey: cacheKeys.aliases }),
  });
}

/** Undefined while it is not known. */
export function useSetUpStage(): SetUpStage | undefined {
  const value = useSettingValues();
  return value === undefined ? undefined : setUpStage.catch('begun').parse(value('setup.stage'));
}

export function useChangeSetUpStage() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (stage: SetUpStage) => setSetting({ name: 'setup.stage', value: stage }),
    onError: (error) => signedOutMeansSession(client, error),
    onSettled: () => client.invalidateQueries({ queryKey: cacheKeys.settings }),
  });
}
