import { useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { KeyRecord } from '../../server/wire/admin.ts';
import type { CreatedPairing } from '../../server/wire/pairing.ts';
import * as api from '../api.ts';
import type { InvitationRequest } from '../api.ts';
import { deviceTitle } from '../device-title.ts';
import { Dialog } from '../parts/dialog.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { usePairingChange } from '../queries.ts';
import { InvitationContext, replacementOf, type InvitationControl } from './invitation-context.ts';
import { InvitationView } from './invitation-view.tsx';
import { PersonForm } from './person-form.tsx';

/** What the one dialog works on; `replaced` is the key that a new link brings another text for. */
type Task = {
  readonly request: InvitationRequest | null;
  readonly created: CreatedPairing | null;
  readonly replaced: KeyRecord | null;
};

const emptyTask: Task = { request: null, created: null, replaced: null };

/** Holds the dialog that lets people in, for all pages. */
export function InvitationProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const { t } = useTranslation();
  const create = usePairingChange(api.createPairing);
  const { mutate, reset } = create;
  const [isOpen, setIsOpen] = useState(false);
  const [task, setTask] = useState<Task>(emptyTask);
  const shownId = isOpen ? (task.created?.id ?? null) : null;

  const control = useMemo((): InvitationControl => {
    function open(next: Task): void {
      reset();
      setTask(next);
      setIsOpen(true);
    }
    return {
      shownId,
      addPerson: () => open(emptyTask),
      replace: (key, overlapSeconds) => {
        const request = replacementOf(key, overlapSeconds);
        open({ request, created: null, replaced: key });
        mutate(request, { onSuccess: (created) => setTask({ request, created, replaced: key }) });
      },
    };
  }, [shownId, mutate, reset]);

  function invite(request: InvitationRequest): void {
    mutate(request, { onSuccess: (created) => setTask({ ...task, request, created }) });
  }

  const { request, created, replaced } = task;
  const whose = replaced ?? request;
  const who =
    whose === null ? null : (replaced?.name ?? deviceTitle(t, whose.person ?? null, whose.device ?? null));
  return (
    <InvitationContext value={control}>
      {children}
      <Dialog
        title={who === null ? t('people.add') : t('invitation.title', { who })}
        isOpen={isOpen}
        onClose={() => setIsOpen(false)}
        closesByItself={created === null}
      >
        {created === null && replaced === null && (
          <PersonForm
            isBusy={create.isPending}
            error={create.error}
            onSubmit={invite}
            onCancel={() => setIsOpen(false)}
          />
        )}
        {created === null && request !== null && replaced !== null && (
          <>
            {create.isPending && <Waiting />}
            {create.error !== null && <ErrorNote error={create.error} onRetry={() => invite(request)} />}
          </>
        )}
        {created !== null && request !== null && (
          <InvitationView
            key={created.id}
            created={created}
            replaced={replaced}
            isRenewing={create.isPending}
            renewError={create.error}
            onRenew={() => invite(request)}
            onClose={() => setIsOpen(false)}
          />
        )}
      </Dialog>
    </InvitationContext>
  );
}
