import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { publicName } from '../../server/wire/outside.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { cacheKeys, useSetSettings } from '../queries.ts';
import { useUnsaved } from '../unsaved.ts';
import { useSettingValues } from '../use-setting.ts';

const settingName = 'outside.name';

/** The door to the internet: opened by naming the public name that leads here, and closed again. */
export function OutsideNamePanel(): ReactNode {
  const { t } = useTranslation();
  const valueOf = useSettingValues();
  const { change, isBusy, error } = useChange();
  if (valueOf === undefined) return null;
  const name = valueOf(settingName);
  return (
    <Panel title={t('outside.title')}>
      <Stack gap="sm">
        {typeof name === 'string' ? (
          <Group justify="space-between" gap="sm">
            <span>{t('outside.open', { name })}</span>
            <Button variant="default" loading={isBusy} onClick={() => change(null)}>
              {t('outside.close')}
            </Button>
          </Group>
        ) : (
          <NameForm isBusy={isBusy} onSave={change} />
        )}
        {error !== null && <ErrorNote error={error} />}
      </Stack>
    </Panel>
  );
}

type NameFormProps = { readonly isBusy: boolean; readonly onSave: (name: string) => void };

function NameForm({ isBusy, onSave }: NameFormProps): ReactNode {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  useUnsaved(text !== '');
  const [isWrong, setIsWrong] = useState(false);
  function save(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const read = publicName.safeParse(withoutScheme(text));
    setIsWrong(!read.success);
    if (read.success) onSave(read.data);
  }
  return (
    <form onSubmit={save} noValidate>
      <Group align="flex-start" gap="sm">
        <TextInput
          label={t('outside.name')}
          description={t('outside.nameHint')}
          placeholder="ai.example.org"
          error={isWrong ? t('outside.nameWrong') : null}
          spellCheck={false}
          autoCapitalize="none"
          value={text}
          onChange={({ currentTarget: { value } }) => setText(value)}
        />
        <Button type="submit" loading={isBusy}>
          {t('outside.openDoor')}
        </Button>
      </Group>
    </form>
  );
}

/** People paste what stands in the browser. */
function withoutScheme(text: string): string {
  return text
    .trim()
    .replace(/^https:\/\//i, '')
    .replace(/\/(v1\/?)?$/i, '');
}

function useChange() {
  const client = useQueryClient();
  const { mutate, isPending, error } = useSetSettings();
  return {
    isBusy: isPending,
    error,
    // The steps below name it.
    change: (value: string | null) =>
      mutate([{ name: settingName, value }], {
        onSuccess: () => void client.invalidateQueries({ queryKey: cacheKeys.connect }),
      }),
  };
}
