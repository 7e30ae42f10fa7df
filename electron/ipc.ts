import type { IpcEvent, IpcMainApi } from './electron-api.ts';
import { channels, type ChannelArgs, type ChannelName, type ChannelResult } from './shared/channels.ts';

export type Handlers = {
  readonly [Name in ChannelName]: (
    ...args: ChannelArgs<Name>
  ) => ChannelResult<Name> | Promise<ChannelResult<Name>>;
};

/**
 * The one door from the page into the main process. `isOurs`: whether it is the main frame of our own window, on our own
 * page; everybody else is refused, whatever they ask. What they say is checked against the channel's schema.
 */
export function openIpc(
  ipcMain: IpcMainApi,
  isOurs: (sender: IpcEvent['senderFrame']) => boolean,
  handlers: Handlers,
): void {
  for (const name of Object.keys(channels) as ChannelName[]) {
    ipcMain.handle(name, async (event, ...args) => {
      if (!isOurs(event.senderFrame)) throw new Error('Only Inglenook’s own window may ask this.');
      const parsed = channels[name].args.safeParse(args);
      if (!parsed.success) throw new Error(`${name} was asked in a way that it does not understand.`);
      // The schema and the handler of one name belong together; TypeScript cannot follow that through a loop.
      return await (handlers[name] as (...checked: unknown[]) => unknown)(...parsed.data);
    });
  }
}
