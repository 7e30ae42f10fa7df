import {
  Ban,
  CircleCheck,
  CircleDashed,
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
import type { BadgeState, VerdictState } from '../../server/wire/checks.ts';
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

const good: Look = { icon: CircleCheck, tone: 'ok' };
const failed: Look = { icon: CircleX, tone: 'error' };
const caution: Look = { icon: TriangleAlert, tone: 'attention' };
const unknown: Look = { icon: CircleQuestionMark, tone: 'quiet' };
const off: Look = { icon: CircleMinus, tone: 'quiet' };
const running: Look = { icon: CircleDotDashed, tone: 'info' };

const modelLooks = {
  ready: good,
  busy: { icon: Contrast, tone: 'info' },
  loading: running,
  off,
  failed,
} as const satisfies Record<WireModel['state'], Look>;

const requestLooks = {
  ok: good,
  error: failed,
  cancelled: { icon: CircleSlash, tone: 'quiet' },
  refused: { icon: Ban, tone: 'attention' },
} as const satisfies Record<WireLogRow['status'], Look>;

const keyLooks = {
  active: good,
  paused: { icon: CirclePause, tone: 'quiet' },
  expired: { icon: ClockAlert, tone: 'attention' },
  revoked: { icon: Ban, tone: 'quiet' },
} as const satisfies Record<KeyRecord['status'], Look>;

const downloadLooks = {
  waiting: { icon: Hourglass, tone: 'quiet' },
  downloading: running,
  stalled: caution,
  'no-space': caution,
  checking: running,
  paused: { icon: CirclePause, tone: 'quiet' },
  cancelled: { icon: CircleSlash, tone: 'quiet' },
  failed,
  ready: good,
} as const satisfies Record<WireDownload['state'], Look>;

const fitLooks = {
  fits: good,
  tight: caution,
  partly: { icon: Contrast, tone: 'info' },
  'too-big': failed,
  unknown,
} as const satisfies Record<FitVerdict, Look>;

const ollamaLooks = {
  off,
  starting: running,
  ready: good,
  failed,
} as const satisfies Record<WireOllamaState['state'], Look>;

const pullLooks = {
  running,
  done: good,
  failed,
  cancelled: { icon: CircleSlash, tone: 'quiet' },
} as const satisfies Record<WireOllamaState['pulls'][number]['state'], Look>;

const upstreamLooks = {
  unknown,
  ready: good,
  failed,
  away: caution,
} as const satisfies Record<UpstreamRecord['state'] | 'away', Look>;

const budgetLooks = {
  within: good,
  nearly: caution,
  spent: { icon: Ban, tone: 'error' },
  unpriced: { icon: CircleQuestionMark, tone: 'attention' },
} as const satisfies Record<BudgetStanding, Look>;

const verdictLooks = {
  ok: good,
  failed,
  'not-supported': { icon: Ban, tone: 'quiet' },
  skipped: off,
} as const satisfies Record<VerdictState, Look>;

const toolLooks = {
  works: good,
  limited: caution,
  fails: failed,
  unknown,
  unchecked: { icon: CircleDashed, tone: 'quiet' },
  checking: running,
} as const satisfies Record<BadgeState | 'unchecked' | 'checking', Look>;

const checkLooks = {
  ok: good,
  warn: caution,
  bad: failed,
  unknown,
} as const satisfies Record<CheckState, Look>;

const exportLooks = {
  waiting: { icon: Hourglass, tone: 'quiet' },
  ok: good,
  failing: failed,
} as const satisfies Record<ExportRecord['state'], Look>;

const auditLooks = {
  done: good,
  refused: { icon: Ban, tone: 'attention' },
  failed,
} as const satisfies Record<AuditRecord['outcome'], Look>;

const scheduleLooks = {
  on: good,
  failing: failed,
  off,
} as const satisfies Record<string, Look>;

const httpsLooks = {
  only: { icon: Lock, tone: 'ok' },
  both: { icon: LockOpen, tone: 'attention' },
  off: failed,
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

/** How far fetching a model by Ollama is. */
export function PullState({ state }: { readonly state: keyof typeof pullLooks }): ReactNode {
  const { t } = useTranslation();
  return <StateWord look={pullLooks[state]} word={t(`ollama.pull.${state}`)} spins={state === 'running'} />;
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

/** What came of one thing that was tried with a model. */
export function VerdictWord({ state }: { readonly state: VerdictState }): ReactNode {
  const { t } = useTranslation();
  return <StateWord look={verdictLooks[state]} word={t(`checks.verdict.${state}`)} />;
}

/** Whether tools work with a model; why not belongs beside it. */
export function ToolWord({ state }: { readonly state: keyof typeof toolLooks }): ReactNode {
  const { t } = useTranslation();
  return <StateWord look={toolLooks[state]} word={t(`checks.badge.${state}`)} spins={state === 'checking'} />;
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
