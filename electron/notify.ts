import type { NotificationApi, NotificationClass } from './electron-api.ts';
import type { Words } from './words.ts';

export type WaitingDevice = { readonly id: string; readonly device: string; readonly code: string };

/** Tells the owner of devices that wait for a yes, and takes it back when they wait no longer. */
export type PairingNotes = {
  readonly asked: (device: WaitingDevice) => void;
  readonly done: (id: string) => void;
  readonly forgetAll: () => void;
  /** How many wait; the tray tells it too, also where the system shows no notifications. */
  readonly waiting: () => number;
};

export type PairingNotesOptions = {
  readonly words: Words;
  /** The owner decides in the window; a notification has no button for it, since two digits must be compared. */
  readonly onReview: () => void;
  /** What the tray shows has changed. */
  readonly onChange: () => void;
  /** The system shows none (an unsigned app on macOS, a desktop without a place for them): the tray is all there is. */
  readonly onUnseen: () => void;
};

export function createPairingNotes(
  Notification: NotificationClass,
  { words, onReview, onChange, onUnseen }: PairingNotesOptions,
): PairingNotes {
  const waiting = new Map<string, NotificationApi | null>();
  const withdraw = (id: string): void => {
    waiting.get(id)?.close();
    waiting.delete(id);
  };

  function shown({ id, device, code }: WaitingDevice): NotificationApi | null {
    if (!Notification.isSupported()) {
      onUnseen();
      return null;
    }
    const title = words.pairingTitle;
    const note = new Notification({ id: `pairing-${id}`, title, body: words.pairingBody(device, code) });
    note.on('click', onReview);
    note.on('failed', (_event, error) => {
      process.stderr.write(`A notification was not shown: ${error}\n`);
      onUnseen();
    });
    note.show();
    return note;
  }

  return {
    asked(device) {
      withdraw(device.id);
      waiting.set(device.id, shown(device));
      onChange();
    },
    done(id) {
      withdraw(id);
      onChange();
    },
    forgetAll() {
      if (waiting.size === 0) return;
      for (const note of waiting.values()) note?.close();
      waiting.clear();
      onChange();
    },
    waiting: () => waiting.size,
  };
}
