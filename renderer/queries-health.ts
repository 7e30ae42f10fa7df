import { useQuery } from '@tanstack/react-query';
import { getFindings, getReport } from './api-health.ts';
import type { Language } from './i18n.ts';

/** Looked at when somebody opens the page, and again by hand: a look asks the network, the disk and other programs. */
export function useFindings(language: Language) {
  return useQuery({
    queryKey: ['doctor', language],
    queryFn: () => getFindings(language),
    staleTime: 30_000,
    refetchOnWindowFocus: false,
  });
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
