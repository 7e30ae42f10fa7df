import { Button } from '@mantine/core';
import { Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AdminTokenRecord } from '../../server/wire/security.ts';
import * as api from '../api-security.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { IconButton } from '../parts/icon-button.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useAdminTokens, useSecurityChange } from '../queries-security.ts';
import { useFormat, useNow } from '../use-format.ts';
import { AdminTokenDialog } from './admin-token-dialog.tsx';
import styles from './place-list.module.css';

/** Tokens that open the admin API to scripts on other computers. */
export function AdminTokensPanel(): ReactNode {
  const { t } = useTranslation();
  const query = useAdminTokens();
  const [isCreating, setIsCreating] = useState(false);
  const [leaving, setLeaving] = useState<AdminTokenRecord | null>(null);
  return (
    <Panel
      title={t('security.tokens.title')}
      action={
        <Button variant="default" onClick={() => setIsCreating(true)}>
          {t('security.tokens.create')}
        </Button>
      }
    >
      <p className={styles['lead']}>{t('security.tokens.lead')}</p>
      <QueryView query={query}>
        {(tokens) =>
          tokens.length === 0 ? (
            <p className={styles['none']}>{t('security.tokens.none')}</p>
          ) : (
            <ul className={styles['list']}>
              {tokens.map((token) => (
                <TokenRow key={token.id} token={token} onRevoke={() => setLeaving(token)} />
              ))}
            </ul>
          )
        }
      </QueryView>
      <AdminTokenDialog isOpen={isCreating} onClose={() => setIsCreating(false)} />
      <RevokeDialog token={leaving} onClose={() => setLeaving(null)} />
    </Panel>
  );
}

type TokenRowProps = { readonly token: AdminTokenRecord; readonly onRevoke: () => void };

function TokenRow({ token, onRevoke }: TokenRowProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const standing = {
    active: t('security.tokens.active', { date: format.date(token.expiresAt) }),
    expired: t('security.tokens.expired', { date: format.date(token.expiresAt) }),
    revoked: t('security.tokens.revoked'),
  }[token.status];
  const use =
    token.lastUsedAt === null
      ? t('security.tokens.neverUsed')
      : t('security.tokens.lastUsed', { date: format.moment(token.lastUsedAt, now), ip: token.lastIp });
  return (
    <li className={styles['row']}>
      <div className={styles['what']}>
        <span className={styles['name']}>{token.name}</span>
        <span className={styles['more']}>{`${token.hint}, ${standing}, ${use}`}</span>
      </div>
      {token.status === 'active' && (
        <IconButton
          label={t('security.tokens.revoke', { name: token.name })}
          icon={<Trash2 size={18} aria-hidden />}
          onClick={onRevoke}
        />
      )}
    </li>
  );
}

type RevokeDialogProps = { readonly token: AdminTokenRecord | null; readonly onClose: () => void };

function RevokeDialog({ token, onClose }: RevokeDialogProps): ReactNode {
  const { t } = useTranslation();
  const revoke = useSecurityChange(api.revokeAdminToken);
  function close(): void {
    revoke.reset();
    onClose();
  }
  return (
    <ConfirmDialog
      title={t('security.tokens.revokeTitle', { name: token?.name ?? '' })}
      sentence={t('security.tokens.revokeSentence')}
      confirm={t('security.tokens.revokeConfirm')}
      isOpen={token !== null}
      isBusy={revoke.isPending}
      error={revoke.error}
      onConfirm={() => token !== null && revoke.mutate(token.id, { onSuccess: close })}
      onClose={close}
    />
  );
}
