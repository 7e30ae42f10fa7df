import { Button, VisuallyHidden } from '@mantine/core';
import { Eraser, MessageSquare } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { EmptyNote } from '../parts/empty-note.tsx';
import { LinkContext } from '../parts/model-text.tsx';
import { Page } from '../parts/page.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { choicesOf, chosen, type Choices } from '../playground/choices.ts';
import type { Destination } from '../playground/links.ts';
import { playground, usePlayground } from '../playground/open.ts';
import { messagesFor, type Question, type TalkSettings, type Turn } from '../playground/talk.ts';
import { useAliases, useModels } from '../queries.ts';
import { PlaygroundComposer } from '../sections/playground-composer.tsx';
import { CodeDialog, LinkDialog } from '../sections/playground-dialogs.tsx';
import { PlaygroundSetUp } from '../sections/playground-set-up.tsx';
import { SpeedLine } from '../sections/playground-answer.tsx';
import { PlaygroundTurn, type Coded } from '../sections/playground-turn.tsx';
import styles from './playground.module.css';

/** Does it answer, and how fast? No chat product: what is asked is gone with the browser's tab. */
export function PlaygroundPage(): ReactNode {
  const { t } = useTranslation();
  const models = useModels();
  const aliases = useAliases();
  const hasTurns = usePlayground().turns.length > 0;
  const [isClearing, setIsClearing] = useState(false);
  return (
    <Page
      title={t('playground.title')}
      lead={t('playground.lead')}
      action={
        hasTurns && (
          <Button
            variant="default"
            leftSection={<Eraser size={16} aria-hidden />}
            onClick={() => setIsClearing(true)}
          >
            {t('playground.clear')}
          </Button>
        )
      }
    >
      <QueryView query={models}>
        {(known) =>
          // Without its names the choice would be another one, for a moment.
          aliases.isPending ? <Waiting /> : <Talk choices={choicesOf(known, aliases.data ?? [])} />
        }
      </QueryView>
      <ConfirmDialog
        title={t('playground.clearTitle')}
        sentence={t('playground.clearSentence')}
        confirm={t('playground.clearConfirm')}
        isOpen={isClearing}
        isBusy={false}
        error={null}
        onConfirm={() => {
          playground.clear();
          setIsClearing(false);
        }}
        onClose={() => setIsClearing(false)}
      />
    </Page>
  );
}

function Talk({ choices }: { readonly choices: Choices }): ReactNode {
  const { t } = useTranslation();
  const { settings } = usePlayground();
  const [first, second] = settings.models;
  const asked = chosen(first, choices);
  if (asked === null) {
    return (
      <EmptyNote
        isCard
        icon={<MessageSquare size={28} />}
        sentence={t('playground.noModel')}
        action={
          <Button component={Link} href="/models/get">
            {t('models.getOne')}
          </Button>
        }
      />
    );
  }
  const other = choices.models.find((model) => model !== asked);
  const pair = [asked, chosen(second ?? other ?? null, choices) ?? asked] as const;
  return (
    <>
      <PlaygroundSetUp choices={choices} asked={pair} />
      <Conversation />
      <PlaygroundComposer asked={pair} />
    </>
  );
}

function Conversation(): ReactNode {
  const { t } = useTranslation();
  const { turns, settings } = usePlayground();
  const [destination, setDestination] = useState<Destination | null>(null);
  const [coded, setCoded] = useState<Coded | null>(null);
  const last = turns.at(-1);

  return (
    <LinkContext value={setDestination}>
      {turns.length > 0 && (
        <ol className={styles['turns']} aria-label={t('playground.conversation')}>
          {turns.map((turn) => (
            <PlaygroundTurn key={turn.id} turn={turn} isLast={turn === last} onCode={setCoded} />
          ))}
        </ol>
      )}
      <VisuallyHidden role="status">
        {last?.answers.map(
          // oxlint-disable-next-line react/no-array-index-key -- the first and the second of two
          (answer, lane) =>
            answer !== null && answer.end !== null && <SpeedLine key={lane} answer={answer} />,
        )}
      </VisuallyHidden>
      <LinkDialog destination={destination} onClose={() => setDestination(null)} />
      <CodeDialog
        question={coded === null ? null : questionOf(coded, turns, settings)}
        onClose={() => setCoded(null)}
      />
    </LinkContext>
  );
}

/** What was asked of one of the two, with the settings as they are now. */
function questionOf({ turn, lane }: Coded, turns: readonly Turn[], settings: TalkSettings): Question {
  const before = turns.slice(
    0,
    turns.findIndex(({ id }) => id === turn.id),
  );
  return {
    ...settings,
    model: turn.answers[lane]?.model ?? '',
    messages: messagesFor(before, { lane, question: turn.question, system: settings.system }),
  };
}
