import { memo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { lanes, type Lane, type Turn } from '../playground/talk.ts';
import { PlaygroundAnswer } from './playground-answer.tsx';
import styles from './playground-turn.module.css';

type PlaygroundTurnProps = {
  readonly turn: Turn;
  /** The newest can be asked again. */
  readonly isLast: boolean;
  readonly onCode: (coded: Coded) => void;
};

/** Which question is to be shown as a program: that to one of the two. */
export type Coded = { readonly turn: Turn; readonly lane: Lane };

/** A question, and what one or two models have said to it. */
export const PlaygroundTurn = memo(function OneTurn({
  turn,
  isLast,
  onCode,
}: PlaygroundTurnProps): ReactNode {
  const { t } = useTranslation();
  return (
    <li className={styles['turn']}>
      <div className={styles['asked']} dir="auto">
        <strong className={styles['who']}>{t('playground.asked')}</strong>
        <p className={styles['question']}>{turn.question}</p>
      </div>
      <div className={styles['answers']}>
        {lanes.map((lane) => {
          const answer = turn.answers[lane];
          if (answer === null) return null;
          return (
            <PlaygroundAnswer
              key={lane}
              lane={lane}
              answer={answer}
              isLast={isLast}
              onCode={() => onCode({ turn, lane })}
            />
          );
        })}
      </div>
    </li>
  );
});
