import { Button, Popover, SegmentedControl, Stack, useMantineColorScheme } from '@mantine/core';
import { HeartPulse, Keyboard, LogOut, Settings2, ShieldCheck } from 'lucide-react';
import { use, useId, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { languageNames, languages } from '../i18n.ts';
import { useLanguage } from '../use-language.ts';
import { IconButton } from './icon-button.tsx';
import { ShortcutListContext } from './shortcut-list-context.ts';
import styles from './preferences-menu.module.css';

const schemes = ['auto', 'light', 'dark'] as const;

type PreferencesMenuProps = {
  readonly onSignOut: (() => void) | null;
  /** Whether somebody is in, and may look after the doors. */
  readonly isSignedIn?: boolean;
};

/** Theme, language, the owner's doors, the keys and the way out. */
export function PreferencesMenu({ onSignOut, isSignedIn = false }: PreferencesMenuProps): ReactNode {
  const { t } = useTranslation();
  const openList = use(ShortcutListContext);
  const [isOpen, setIsOpen] = useState(false);
  const label = t(onSignOut === null ? 'preferences.open' : 'preferences.openSignedIn');
  return (
    <Popover
      opened={isOpen}
      onChange={setIsOpen}
      position="bottom-end"
      width={264}
      shadow="md"
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <IconButton
          label={label}
          icon={<Settings2 size={20} aria-hidden />}
          onClick={() => setIsOpen((was) => !was)}
        />
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="md">
          <ThemeChoice />
          <LanguageChoice />
          {isSignedIn && (
            <Button
              component={Link}
              href="/settings/security"
              variant="default"
              leftSection={<ShieldCheck size={16} aria-hidden />}
              onClick={() => setIsOpen(false)}
            >
              {t('security.open')}
            </Button>
          )}
          {isSignedIn && (
            <Button
              component={Link}
              href="/health"
              variant="default"
              leftSection={<HeartPulse size={16} aria-hidden />}
              onClick={() => setIsOpen(false)}
            >
              {t('health.open')}
            </Button>
          )}
          {openList !== null && (
            <Button
              variant="default"
              leftSection={<Keyboard size={16} aria-hidden />}
              onClick={() => {
                setIsOpen(false);
                openList();
              }}
            >
              {t('keyboardShort.open')}
            </Button>
          )}
          {onSignOut !== null && (
            <Button variant="default" leftSection={<LogOut size={16} aria-hidden />} onClick={onSignOut}>
              {t('preferences.signOut')}
            </Button>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

export function ThemeChoice(): ReactNode {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Choice
      label={t('preferences.theme')}
      value={colorScheme}
      options={schemes.map((value) => ({ value, label: t(`theme.${value}`) }))}
      onChange={(value) => setColorScheme(schemes.find((scheme) => scheme === value) ?? 'auto')}
    />
  );
}

export function LanguageChoice(): ReactNode {
  const { t } = useTranslation();
  const { language: spoken, speak } = useLanguage();
  return (
    <Choice
      label={t('preferences.language')}
      value={spoken}
      options={languages.map((value) => ({ value, label: languageNames[value] }))}
      onChange={(value) => speak(languages.find((language) => language === value) ?? 'en')}
    />
  );
}

type ChoiceProps = {
  readonly label: string;
  readonly value: string;
  readonly options: { readonly value: string; readonly label: string }[];
  readonly onChange: (value: string) => void;
};

function Choice({ label, value, options, onChange }: ChoiceProps): ReactNode {
  const id = useId();
  return (
    <div>
      <div id={id} className={styles['label']}>
        {label}
      </div>
      <SegmentedControl fullWidth aria-labelledby={id} value={value} data={options} onChange={onChange} />
    </div>
  );
}
