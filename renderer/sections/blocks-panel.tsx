import { Button, Switch } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { ShieldCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { EdgeBlock } from '../../server/wire/edge.ts';
import { changeEdge, liftBlock } from '../api-network.ts';
import { EmptyNote } from '../parts/empty-note.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useEdge, useEdgeChange } from '../queries-network.ts';
import { useCountdown } from '../use-countdown.ts';
import { useFormat, useNow } from '../use-format.ts';
import styles from './settings.module.css';

/** Addresses that are left outside for a while, as they come by the stream. */
export function BlocksPanel(): ReactNode {
  const { t } = useTranslation();
  return (
    <Panel title={t('network.blocks.title')}>
      <div className={styles['body']}>
        <p className={styles['sentence']}>{t('network.blocks.lead')}</p>
        <QueryView query={useEdge()}>
          {({ blocks, settings: { blockGuessers } }) => (
            <>
              <BlockSwitch isOn={blockGuessers} />
              {blocks.length === 0 ? (
                <EmptyNote
                  icon={<ShieldCheck size={28} />}
                  sentence={t(blockGuessers ? 'network.blocks.none' : 'network.blocks.off')}
                />
              ) : (
                <ul className={styles['list']}>
                  {blocks.map((block) => (
                    <BlockRow key={block.address} block={block} />
                  ))}
                </ul>
              )}
            </>
          )}
        </QueryView>
      </div>
    </Panel>
  );
}

function BlockSwitch({ isOn }: { readonly isOn: boolean }): ReactNode {
  const { t } = useTranslation();
  const change = useEdgeChange(changeEdge);
  return (
    <>
      <Switch
        label={t('network.blocks.switch')}
        description={t('network.blocks.switchMeans')}
        checked={change.isPending ? change.variables.blockGuessers === true : isOn}
        disabled={change.isPending}
        onChange={({ currentTarget: { checked } }) => change.mutate({ blockGuessers: checked })}
      />
      {change.error !== null && <ErrorNote error={change.error} />}
    </>
  );
}

function BlockRow({ block }: { readonly block: EdgeBlock }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const lift = useEdgeChange(liftBlock);
  const { address, reason, wrong, times, until } = block;
  const left = format.timeLeft(useCountdown(until) / 1000);
  const more = [
    t(`network.blocks.reason.${reason}`, { count: wrong }),
    t('network.blocks.until', { time: format.moment(until, now), left }),
    t('network.blocks.times', { count: times }),
  ];
  return (
    <li className={styles['rowBlock']}>
      <div className={styles['head']}>
        <div className={styles['what']}>
          <h3 className={styles['name']}>{address}</h3>
          <p className={styles['second']}>{more.join(' · ')}</p>
        </div>
        <Button
          variant="default"
          size="xs"
          loading={lift.isPending}
          aria-label={t('network.blocks.liftWhat', { address })}
          onClick={() =>
            lift.mutate(address, {
              onSuccess: () => notifications.show({ message: t('network.blocks.lifted', { address }) }),
            })
          }
        >
          {t('network.blocks.lift')}
        </Button>
      </div>
      {lift.error !== null && <ErrorNote error={lift.error} />}
    </li>
  );
}
