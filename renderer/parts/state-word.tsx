import {
  Ban,
  CircleCheck,
  CircleDotDashed,
  CircleMinus,
  CirclePause,
  CircleQuestionMark,
  CircleSlash,
  CircleX,
  ClockAlert,
  Contrast,
  Eye,
  EyeOff,
  Hourglass,
  Lock,
  LockOpen,
  TriangleAlert,
  type LucideIcon,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { KeyRecord, WireLogRow, WireModel } from '../../server/wire/admin.ts';
import type { CheckState } from '../../server/wire/doctor.ts';
import type { WireDownload } from '../../server/wire/downloads.ts';
import type { WireOllamaState } from '../../server/wire/ollama.ts';
import type { UpstreamRecord } from '../../server/wire/upstreams.ts';
import type { AuditRecord } from '../../server/wire/audit.ts';
import type { ExportRecord } from '../../server/wire/exports.ts';
import type { FitVerdict } from '../fit.ts';
import type { BudgetStanding } from '../budget.ts';
import styles from './state-word.module.css';

/** The one table of state words: an icon, a word and a colour each, so that none of the three is needed alone. */

type Tone = 'ok' | 'info' | 'attention' | 'error' | 'quiet';
type Look = { readonly icon: LucideIcon; readonly tone: Tone };

const modelLooks = {
  ready: { icon: CircleCheck, tone: 'ok' },
  busy: { icon: Contrast, tone: 'info' },
  loading: { icon: CircleDotDashed, tone: 'info' },
  off: { icon: CircleMinus, tone: 'quiet' },
  failed: { icon: CircleX, tone: 'error' },
} as const satisfies Record<WireModel['state'], Look>;

const requestLooks = {
  ok: { icon: CircleCheck, tone: 'ok' },
  error: { icon: CircleX, tone: 'error' },
  cancelled: { icon: CircleSlash, tone: 'quiet' },
  refused: { icon: Ban, tone: 'attention' },
} as const satisfies Record<WireLogRow['status'], Look>;

const keyLooks = {
  active: { icon: CircleCheck, tone: 'ok' },
  paused: { icon: CirclePause, tone: 'quiet' },
  expired: { icon: ClockAlert, tone: 'attention' },
  revoked: { icon: Ban, tone: 'quiet' },
} as const satisfies Record<KeyRecord['status'], Look>;

const downloadLooks = {
  waiting: { icon: Hourglass, tone: 'quiet' },
  downloading: { icon: CircleDotDashed, tone: 'info' },
  stalled: { icon: TriangleAlert, tone: 'attention' },
  'no-space': { icon: TriangleAlert, tone: 'attention' },
  checking: { icon: CircleDotDashed, tone: 'info' },
  paused: { icon: CirclePause, tone: 'quiet' },
  cancelled: { icon: CircleSlash, tone: 'quiet' },
  failed: { icon: CircleX, tone: 'error' },
  ready: { icon: CircleCheck, tone: 'ok' },
} as const satisfies Record<WireDownload['state'], Look>;

const fitLooks = {
  fits: { icon: CircleCheck, tone: 'ok' },
  tight: { icon: TriangleAlert, tone: 'attention' },
  partly: { icon: Contrast, tone: 'info' },
  'too-big': { icon: CircleX, tone: 'error' },
  unknown: { icon: CircleQuestionMark, tone: 'quiet' },
} as const satisfies Record<FitVerdict, Look>;

const ollamaLooks = {
  off: { icon: CircleMinus, tone: 'quiet' },
  starting: { icon: CircleDotDashed, tone: 'info' },
  ready: { icon: CircleCheck, tone: 'ok' },
  failed: { icon: CircleX, tone: 'error' },
} as const satisfies Record<WireOllamaState['state'], Look>;

const upstreamLooks = {
  unknown: { icon: CircleQuestionMark, tone: 'quiet' },
  ready: { icon: CircleCheck, tone: 'ok' },
  failed: { icon: CircleX, tone: 'error' },
  away: { icon: TriangleAlert, tone: 'attention' },
} as const satisfies Record<UpstreamRecord['state'] | 'away', Look>;

const budgetLooks = {
  within: { icon: CircleCheck, tone: 'ok' },
  nearly: { icon: TriangleAlert, tone: 'attention' },
  spent: { icon: Ban, tone: 'error' },
  unpriced: { icon: CircleQuestionMark, tone: 'attention' },
} as const satisfies Record<BudgetStanding, Look>;

const checkLooks = {
  ok: { icon: CircleCheck, tone: 'ok' },
  warn: { icon: TriangleAlert, tone: 'attention' },
  bad: { icon: CircleX, tone: 'error' },
  unknown: { icon: CircleQuestionMark, tone: 'quiet' },
} as const satisfies Record<CheckState, Look>;

const exportLooks = {
  waiting: { icon: Hourglass, tone: 'quiet' },
  ok: { icon: CircleCheck, tone: 'ok' },
  failing: { icon: CircleX, tone: 'error' },
} as const satisfies Record<ExportRecord['state'], Look>;

const auditLooks = {
  done: { icon: CircleCheck, tone: 'ok' },
  refused: { icon: Ban, tone: 'attention' },
  failed: { icon: CircleX, tone: 'error' },
} as const satisfies Record<AuditRecord['outcome'], Look>;

const scheduleLooks = {
  on: { icon: CircleCheck, tone: 'ok' },
  failing: { icon: CircleX, tone: 'error' },
  off: { icon: CircleMinus, tone: 'quiet' },
} as const satisfies Record<string, Look>;

const httpsLooks = {
  only: { icon: Lock, tone: 'ok' },
  both: { icon: LockOpen, tone: 'attention' },
  off: { icon: CircleX, tone: 'error' },
} as const satisfies Record<string, Look>;

const tracingLooks = {
  on: { icon: Eye, tone: 'attention' },
  off: { icon: EyeOff, tone: 'ok' },
} as const satisfies Record<string, Look>;

export function ModelState({ state }: { readonly state: WireModel['state'] }): ReactNode {
  const { t } = useTranslation();
  return <StateWord look={modelLooks[state]} word={t(`modelState.${state}`)} spins={state === 'loading'} />;
}

export function RequestStatus({ status }: { readonly status: WireLogRow['status'] }): ReactNode {
  const { t } = useTranslation();
  return <StateWord look={requestLooks[status]} word={t(`requestStatus.${status}`)} />;
}

export function KeyStatus({ status }: { readonly status: KeyRecord['status'] }): ReactNode {
  const { t } = useTranslation();
  return <StateWord look={keyLooks[status]} word={t(`keyStatus.${status}`)} />;
}

export function DownloadState({ state }: { readonly state: WireDownload['state'] }): ReactNode {
  const { t } = useTranslation();
  const spins = state === 'downloading' || state === 'checking';
  return <StateWord look={downloadLooks[state]} word={t(`downloadState.${state}`)} spins={spins} />;
}

export function OllamaState({ state }: { readonly state: WireOllamaState['state'] }): ReactNode {
  const { t } = useTranslation();
  return (
    <StateWord look={ollamaLooks[state]} word={t(`ollama.state.${state}`)} spins={state === 'starting'} />
  );
}

/** `away`: it has answered before, but not just now. */
export function UpstreamState({ state }: { readonly state: keyof typeof upstreamLooks }): ReactNode {
  const { t } = useTranslation();
  return <StateWord look={upstreamLooks[state]} word={t(`engines.state.${state}`)} />;
}

/** How much of a budget is left; the numbers belong beside it. */
export function BudgetState({ standing }: { readonly standing: BudgetStanding }): ReactNode {
  const { t } = useTranslation();
  return <StateWord look={budgetLooks[standing]} word={t(`limits.standing.${standing}`)} />;
}

/** Whether a model fits this computer's memory; the sum belongs beside it. */
export function FitWord({ verdict }: { readonly verdict: FitVerdict }): ReactNode {
  const { t } = useTranslation();
  return <StateWord look={fitLooks[verdict]} word={t(`fit.word.${verdict}`)} />;
}

/** One of the doctor's checks. */
export function CheckWord({ state }: { readonly state: CheckState }): ReactNode {
  const { t } = useTranslation();
  return <StateWord look={checkLooks[state]} word={t(`health.state.${state}`)} />;
}

export function ExportState({ state }: { readonly state: ExportRecord['state'] }): ReactNode {
  const { t } = useTranslation();
  return <StateWord look={exportLooks[state]} word={t(`settings.exports.state.${state}`)} />;
}

export function AuditOutcome({ outcome }: { readonly outcome: AuditRecord['outcome'] }): ReactNode {
  const { t } = useTranslation();
  return <StateWord look={auditLooks[outcome]} word={t(`settings.audit.outcomeName.${outcome}`)} />;
}

export function BackupSchedule({ standing }: { readonly standing: keyof typeof scheduleLooks }): ReactNode {
  const { t } = useTranslation();
  return <StateWord look={scheduleLooks[standing]} word={t(`settings.daily.standing.${standing}`)} />;
}

/** Whether other computers are answered by https alone, by plain http as well, or by http alone. */
export function HttpsStanding({ standing }: { readonly standing: keyof typeof httpsLooks }): ReactNode {
  const { t } = useTranslation();
  return <StateWord look={httpsLooks[standing]} word={t(`network.https.standing.${standing}`)} />;
}

/** Whether everybody's prompts are kept. */
export function TracingState({ isOn }: { readonly isOn: boolean }): ReactNode {
  const { t } = useTranslation();
  const state = isOn ? 'on' : 'off';
  return <StateWord look={tracingLooks[state]} word={t(`settings.tracing.state.${state}`)} />;
}

type StateWordProps = { readonly look: Look; readonly word: string; readonly spins?: boolean };

function StateWord({ look, word, spins = false }: StateWordProps): ReactNode {
  const Icon = look.icon;
  return (
    <span className={styles['state']} data-tone={look.tone}>
      <Icon size={16} aria-hidden className={spins ? styles['spins'] : undefined} />
      <span>{word}</span>
    </span>
  );
}
