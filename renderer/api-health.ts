import { doctorFindings, type DoctorFindings } from '../server/wire/doctor.ts';
import type { Language } from '../server/wire/text.ts';
import { call, callForFile } from './api.ts';

/** Takes some seconds: everything is looked at anew. */
export function getFindings(language: Language): Promise<DoctorFindings> {
  return call(doctorFindings, 'GET', `/api/doctor?language=${language}`);
}

/** What may be sent to somebody who helps, without secrets; with the name that its file should have. */
export type DoctorReport = { readonly name: string; readonly text: string };

/** The same look, as a text. */
export async function getReport(language: Language): Promise<DoctorReport> {
  const { name, content } = await callForFile(`/api/doctor/report?language=${language}`);
  return { name, text: await content.text() };
}
