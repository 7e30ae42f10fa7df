import { Combobox, Modal, TextInput, useCombobox, useMantineColorScheme } from '@mantine/core';
import { Search } from 'lucide-react';
import { useEffect, useId, useState, type ReactNode } from 'react';
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { appPlace, foundIn, places, type Command } from '../commands.ts';
import { appBridge } from '../app-bridge.ts';
import { useKeys, useModels } from '../queries.ts';
import { useInvitation } from './invitation-context.ts';
import { useLanguage } from '../use-language.ts';
import { useShownLater } from '../use-shown-later.ts';
import styles from './command-palette.module.css';

type CommandPaletteProps = { readonly isOpen: boolean; readonly onClose: () => void };

/** Type where to go or what to do: pages, devices and models by name, and a few acts. */
export function CommandPalette({ isOpen, onClose }: CommandPaletteProps): ReactNode {
  const { t } = useTranslation();
  const isShown = useShownLater(isOpen);
  return (
    <Modal.Root opened={isShown} onClose={onClose} size={560} padding={0} radius="lg" yOffset="10vh">
      <Modal.Overlay backgroundOpacity={0.45} />
      <Modal.Content aria-label={t('palette.title')}>
        <Modal.Body>{isShown && <Finder onDone={onClose} />}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function Finder({ onDone }: { readonly onDone: () => void }): ReactNode {
  const { t } = useTranslation();
  const commands = useCommands();
  const [words, setWords] = useState('');
  const found = foundIn(commands, words);
  // There is no dropdown: the list is always there.
  const combobox = useCombobox({ opened: true });
  const { selectFirstOption } = combobox;
  const list = useId();
  const [active, setActive] = useState<string | null>(null);
  // What stands first is what Enter takes; also while nothing is typed.
  useEffect(() => void selectFirstOption(), [selectFirstOption]);

  function look(text: string): void {
    // The list is to be there before its first is chosen.
    flushSync(() => setWords(text));
    setActive(selectFirstOption());
  }

  function run(id: string): void {
    onDone();
    found.find((command) => command.id === id)?.run();
  }

  return (
    <Combobox store={combobox} onOptionSubmit={run}>
      <Combobox.EventsTarget withAriaAttributes={false}>
        <TextInput
          size="md"
          variant="unstyled"
          className={styles['field'] ?? ''}
          data-autofocus
          aria-label={t('palette.field')}
          placeholder={t('palette.field')}
          leftSection={<Search size={18} aria-hidden />}
          value={words}
          role="combobox"
          aria-expanded
          aria-autocomplete="list"
          aria-controls={list}
          aria-activedescendant={active ?? undefined}
          // The arrows have moved it by then.
          onKeyUp={() =>
            setActive(document.getElementById(list)?.querySelector('[data-combobox-selected]')?.id ?? null)
          }
          onChange={({ currentTarget: { value } }) => look(value)}
        />
      </Combobox.EventsTarget>
      <Combobox.Options id={list} className={styles['options'] ?? ''} aria-label={t('palette.title')}>
        {found.map(({ id, label, kind }) => (
          <Combobox.Option key={id} value={id} className={styles['option'] ?? ''}>
            <span className={styles['label']}>{label}</span>
            <span className={styles['kind']}>{t(`palette.kind.${kind}`)}</span>
          </Combobox.Option>
        ))}
      </Combobox.Options>
      <output className={styles['none']}>
        {found.length === 0 ? t('palette.nothing', { words: words.trim() }) : ''}
      </output>
    </Combobox>
  );
}

/** Everything that can be found, in the order in which it is offered before anything is typed. */
function useCommands(): readonly Command[] {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const { addPerson } = useInvitation();
  const { language, speak } = useLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const keys = useKeys().data ?? [];
  const models = useModels().data ?? [];
  const go = (path: string) => () => navigate(path);
  const acts: Command[] = [
    { id: 'add-person', kind: 'act', label: t('palette.act.addPerson'), run: addPerson },
    {
      id: 'theme',
      kind: 'act',
      label: t('palette.act.theme'),
      run: () => setColorScheme(colorScheme === 'dark' ? 'light' : 'dark'),
    },
    {
      id: 'language',
      kind: 'act',
      label: t('palette.act.language'),
      run: () => speak(language === 'de' ? 'en' : 'de'),
    },
  ];
  return [
    ...[...places, ...(appBridge() === null ? [] : [appPlace])].map(({ name, path }): Command => {
      return { id: path, kind: 'page', label: t(`palette.page.${name}`), run: go(path) };
    }),
    ...acts,
    ...keys
      .filter(({ status }) => status !== 'revoked')
      .map(({ id, name }): Command => {
        const run = go(`/log?${new URLSearchParams({ key: id })}`);
        return { id: `key ${id}`, kind: 'device', label: t('palette.requestsOf', { name }), run };
      }),
    ...models.map(({ id, source }): Command => {
      const run = go(source === 'upstream' ? '/models/engines' : '/models');
      return { id: `model ${id}`, kind: 'model', label: id, run };
    }),
  ];
}
