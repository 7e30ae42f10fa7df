import { useQuery } from '@tanstack/react-query';
import { getFindings, getReport } from './api-health.ts';
import type { Language } from './i18n.ts';

/** Looked at whenever somebody opens the page, and again by hand: a look asks the network, the disk and other programs. */
export function useFindings(language: Language) {
  return useQuery({
    queryKey: ['doctor', language],
    queryFn: () => getFindings(language),
    staleTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}

/** What the last look has found in this tab, without looking; undefined before the first. */
export function useKnownFindings(language: Language) {
  return useQuery({
    queryKey: ['doctor', language],
    queryFn: () => getFindings(language),
    enabled: false,
  }).data;
}

/** Made when somebody asks for it, and not kept. */
export function useReport(language: Language) {
  return useQuery({
    queryKey: ['doctor-report', language],
    queryFn: () => getReport(language),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
}
