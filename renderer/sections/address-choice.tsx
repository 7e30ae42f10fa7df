import { NativeSelect } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { LanState } from '../../server/wire/lan.ts';
import { hostOf } from '../own-host.ts';

type AddressChoiceProps = { readonly lan: LanState; readonly onChoose: (address: string) => void };

/** Which of this computer's addresses the office is told; each says what kind it is. */
export function AddressChoice({ lan, onChoose }: AddressChoiceProps): ReactNode {
  const { t } = useTranslation();
  const present = lan.address === null ? '' : hostOf(lan.address);
  return (
    <NativeSelect
      label={t('office.chooseAddress')}
      description={t('office.chooseHint')}
      value={present}
      onChange={(event) => onChoose(event.currentTarget.value)}
      data={[
        ...(present === '' ? [{ value: '', label: t('office.chooseOne'), disabled: true }] : []),
        ...lan.choices.map(({ address, adapter, kind }) => ({
          value: address,
          label: `${address} · ${adapter}${kind === 'network' ? '' : ` (${t(`office.kind.${kind}`)})`}`,
        })),
      ]}
    />
  );
}
