import { z } from 'zod';
import type { DownloadRow, DownloadSettings, DownloadStore } from '../core/download.ts';
import { statement, write } from './open.ts';
import type { Store } from './open.ts';
import { getSetting, setSetting } from './settings.ts';

type Row = Omit<DownloadRow, 'files' | 'about'> & { files: string | null; about: string | null };

const columns = 'id, uri, wish, reason, files, about, added_ms AS addedMs, ended_ms AS endedMs, tries';
const speedName = 'downloads.speed';

/** The queue of downloads, in the order of their turns. */
export function downloadStore(store: Store): DownloadStore {
  return {
    load: () =>
      statement(store, `SELECT ${columns} FROM downloads ORDER BY place IS NULL, place, added_ms, rowid`)
        .all()
        .map(fromRow),
    save(row) {
      write(store, () =>
        statement(
          store,
          `INSERT INTO downloads (id, uri, wish, reason, files, about, added_ms, ended_ms, tries)
           VALUES (@id, @uri, @wish, @reason, @files, @about, @addedMs, @endedMs, @tries)
           ON CONFLICT (id) DO UPDATE SET wish = excluded.wish, reason = excluded.reason, files = excluded.files,
             about = excluded.about, ended_ms = excluded.ended_ms,
             tries = excluded.tries`,
        ).run({ ...row, files: toJson(row.files), about: toJson(row.about) }),
      );
    },
    order(ids) {
      write(store, () => {
        const place = statement(store, 'UPDATE downloads SET place = ? WHERE id = ?');
        for (const [index, id] of ids.entries()) place.run(index, id);
      });
    },
    speed: () => z.number().positive().safeParse(getSetting(store, speedName)).data ?? null,
    noteSpeed: (bytesPerSecond) => setSetting(store, speedName, bytesPerSecond),
    remove(id) {
      write(store, () => statement(store, 'DELETE FROM downloads WHERE id = ?').run(id));
    },
  };
}

function fromRow(row: unknown): DownloadRow {
  const { files, about, ...rest } = row as Row;
  return { ...rest, files: fromJson(files), about: fromJson(about) };
}

function toJson(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

function fromJson(text: string | null): unknown {
  return text === null ? null : (JSON.parse(text) as unknown);
}

const settingsName = 'downloads';

const storedSettings = z.object({
  hubAddress: z.string().default('https://huggingface.co'),
  hubToken: z.string().nullable().default(null),
  leaveFreeBytes: z.number().default(5e9),
  parallel: z.number().default(4),
  isHeld: z.boolean().default(false),
  hours: z.object({ fromMinute: z.number(), untilMinute: z.number() }).nullable().default(null),
  mostBytesPerSecond: z.number().positive().nullable().default(null),
});

/** What the owner has set for downloads, and the defaults for the rest. */
export function getDownloadSettings(store: Store): DownloadSettings {
  return storedSettings.parse(getSetting(store, settingsName) ?? {});
}

/** Changes what is named. */
export function setDownloadSettings(store: Store, change: Partial<DownloadSettings>): void {
  setSetting(store, settingsName, { ...getDownloadSettings(store), ...change });
}
