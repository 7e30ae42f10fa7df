import { Anchor, Button, Group, Stack, Tabs, Text } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { CopyBlock, CopyField } from '../parts/copy-field.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { QueryView } from '../parts/query-view.tsx';
import type { Destination } from '../playground/links.ts';
import { snippet, snippetLanguages, type SnippetLanguage } from '../playground/snippets.ts';
import type { Question } from '../playground/talk.ts';
import { useSession, useStatus } from '../queries.ts';

type LinkDialogProps = { readonly destination: Destination | null; readonly onClose: () => void };

/** Says where a model's link leads before anything is opened. The app's own window opens nothing: there it is copied. */
export function LinkDialog({ destination, onClose }: LinkDialogProps): ReactNode {
  const { t } = useTranslation();
  const isWindow = useSession().data?.via === 'window';
  const { host = '', address = '' } = destination ?? {};
  return (
    <Dialog title={t('playground.linkTitle', { host })} isOpen={destination !== null} onClose={onClose}>
      <Stack gap="md">
        <Text>{t(isWindow ? 'playground.linkInBrowser' : 'playground.linkSentence', { host })}</Text>
        <CopyField label={t('playground.linkAddress')} value={address} />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose} data-autofocus>
            {t('common.cancel')}
          </Button>
          {!isWindow && (
            <Button
              onClick={() => {
                open(address, '_blank', 'noopener,noreferrer');
                onClose();
              }}
            >
              {t('playground.linkOpen', { host })}
            </Button>
          )}
        </Group>
      </Stack>
    </Dialog>
  );
}

type CodeDialogProps = { readonly question: Question | null; readonly onClose: () => void };

/** The same question as a program, to be taken along. */
export function CodeDialog({ question, onClose }: CodeDialogProps): ReactNode {
  const { t } = useTranslation();
  return (
    <Dialog title={t('playground.codeTitle')} isOpen={question !== null} onClose={onClose}>
      {question !== null && <Programs question={question} />}
    </Dialog>
  );
}

function Programs({ question }: { readonly question: Question }): ReactNode {
  const { t } = useTranslation();
  const [language, setLanguage] = useState<SnippetLanguage>('curl');
  return (
    <QueryView query={useStatus()}>
      {({ address, lan }) => (
        <Stack gap="md">
          <Text>
            <Trans
              t={t}
              i18nKey="playground.codeMeans"
              components={{ keys: <Anchor component={Link} href="/people" underline="always" inherit /> }}
            />
          </Text>
          <Tabs
            value={language}
            onChange={(value) => setLanguage(snippetLanguages.find((known) => known === value) ?? 'curl')}
            keepMounted={false}
          >
            <Tabs.List aria-label={t('playground.languages')}>
              {snippetLanguages.map((each) => (
                <Tabs.Tab key={each} value={each}>
                  {t(`playground.language.${each}`)}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            {snippetLanguages.map((each) => (
              <Tabs.Panel key={each} value={each} pt="md">
                <CopyBlock
                  label={t(`playground.language.${each}`)}
                  value={snippet(each, `${lan.address ?? address}/v1`, question)}
                />
              </Tabs.Panel>
            ))}
          </Tabs>
        </Stack>
      )}
    </QueryView>
  );
}
