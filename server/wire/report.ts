import { z } from 'zod';
import { auditVerification } from './audit.ts';
import { keyRecord } from './admin.ts';
import { exportRecord } from './exports.ts';
import { teamRecord } from './limits.ts';
import { settingRecord } from './settings.ts';

/** `GET /api/security-report`: the dated page that a security review asks for, as data or as a page to print. */

const isoTime = z.iso.datetime();

export const reportQuery = z.strictObject({
  format: z.enum(['html', 'json']).default('html'),
  language: z.enum(['en', 'de']).default('en'),
});
export type ReportQuery = z.infer<typeof reportQuery>;
export type ReportLanguage = ReportQuery['language'];

export const securityReport = z.object({
  madeAt: isoTime,
  timeZone: z.string(),
  version: z.string(),
  computer: z.string(),
  /** Where data lie: everything in the data folder, by what it is for. */
  dataDir: z.string(),
  data: z.array(
    z.object({
      kind: z.enum([
        'database',
        'traces',
        'journal',
        'prices',
        'secret',
        'token',
        'logs',
        'models',
        'snapshots',
        'kept',
        'running',
        'other',
      ]),
      name: z.string(),
      bytes: z.number().int(),
      /** Whether other accounts of this computer may read it; null where the system does not say. */
      othersMayRead: z.boolean().nullable(),
    }),
  ),
  access: z.object({
    passwordSet: z.boolean(),
    /** The console and the admin API answer on this computer only. */
    adminOnThisComputerOnly: z.boolean(),
    officeLetIn: z.boolean(),
    officeAddress: z.string().nullable(),
    /** How other computers are answered. Over http what travels in the office is not encrypted. */
    transport: z.enum(['http', 'http-and-https', 'https']),
    /** What is served to who asks for an address of ours; null for none. */
    certificate: z.object({ issuer: z.string(), validUntil: isoTime }).nullable(),
    refusedSignIns: z.number().int(),
  }),
  keys: z.array(
    keyRecord.pick({
      name: true,
      person: true,
      team: true,
      device: true,
      role: true,
      status: true,
      models: true,
      limits: true,
      ips: true,
      trace: true,
      traceUntil: true,
      mayLeave: true,
      expiresAt: true,
      lastUsedAt: true,
    }),
  ),
  teams: z.array(teamRecord),
  upstreams: z.array(
    z.object({
      name: z.string(),
      kind: z.string(),
      url: z.string(),
      mayLeave: z.boolean(),
      hasKey: z.boolean(),
    }),
  ),
  /** What was sent to engines outside the office within the last thirty days. */
  leftOffice: z.array(
    z.object({
      engine: z.string(),
      key: z.string().nullable(),
      requests: z.number().int(),
      promptTokens: z.number().int(),
      completionTokens: z.number().int(),
    }),
  ),
  /** Where the log is sent besides, whenever it can be. */
  exports: z.array(
    exportRecord
      .pick({
        name: true,
        kind: true,
        mayLeave: true,
        people: true,
        prompts: true,
        state: true,
        problem: true,
        backlog: true,
        sent: true,
        lastSuccessAt: true,
      })
      .extend({ host: z.string() }),
  ),
  /** Whose prompts are kept. Each key's own end is with the keys. */
  tracing: z.object({
    /** `all`: everybody's, by the office's policy. */
    office: z.enum(['off', 'all']),
    tracedKeys: z.number().int(),
    keepDays: z.number().int(),
    /** What is kept now; null where it cannot be read just now. */
    kept: z.object({ requests: z.number().int(), oldest: isoTime.nullable() }).nullable(),
  }),
  /** How long what is kept; `amount` null: for ever. */
  retention: z.array(
    z.object({
      kind: z.enum([
        'requests',
        'usage',
        'prompts',
        'responses',
        'audit',
        'serverLog',
        'snapshots',
        'backups',
      ]),
      amount: z.number().nullable(),
      unit: z.enum(['days', 'hours', 'files']),
    }),
  ),
  /** Every setting. */
  settings: z.array(settingRecord),
  backups: z.object({
    on: z.boolean(),
    folder: z.string().nullable(),
    lastSuccessAt: isoTime.nullable(),
    lastError: z.string().nullable(),
  }),
  audit: auditVerification,
});
export type SecurityReport = z.infer<typeof securityReport>;
