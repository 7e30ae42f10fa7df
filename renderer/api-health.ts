import { doctorFindings, type DoctorFindings, type DoctorLanguage } from '../server/wire/doctor.ts';
import { call } from './api.ts';

/** Takes some seconds: everything is looked at anew. */
export function getFindings(language: DoctorLanguage): Promise<DoctorFindings> {
  return call(doctorFindings, 'GET', `/api/doctor?language=${language}`);
}

/** A file for the browser to save; its name comes with it. */
export function reportAddress(language: DoctorLanguage): string {
  return `/api/doctor/report?language=${language}`;
}
