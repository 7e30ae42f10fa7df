import { once } from 'node:events';
import { createServer } from 'node:net';
import { bad, ok, type Check } from './check.ts';

/** While no server runs: whether one could begin, or somebody else has its port. Another than the own computer notices nothing. */
export function portCheck(port: number): Check {
  return {
    id: 'port',
    title: { en: 'Port', de: 'Port' },
    async look() {
      if (port === 0) {
        return ok({
          en: 'Any free one is taken at the next start (INGLENOOK_PORT=0).',
          de: 'Beim nächsten Start wird irgendein freier genommen (INGLENOOK_PORT=0).',
        });
      }
      const code = await whyNotFree(port);
      if (code === null) return ok({ en: `${port} is free.`, de: `${port} ist frei.` });
      const isTaken = code === 'EADDRINUSE';
      return bad(
        {
          en: isTaken
            ? `Another program has port ${port}, so Inglenook cannot start on it.`
            : `The system does not give port ${port} (${code}), so Inglenook cannot start on it.`,
          de: isTaken
            ? `Ein anderes Programm hat Port ${port}, deshalb kann Inglenook dort nicht starten.`
            : `Das System gibt Port ${port} nicht her (${code}), deshalb kann Inglenook dort nicht starten.`,
        },
        {
          en: 'End that program, or start with another port: INGLENOOK_PORT=11600 npm start. Tools then have to be told the new address.',
          de: 'Das Programm beenden oder mit einem anderen Port starten: INGLENOOK_PORT=11600 npm start. Den Werkzeugen muss dann die neue Adresse gesagt werden.',
        },
      );
    },
  };
}

/** The system's code; null where the port can be had. */
async function whyNotFree(port: number): Promise<string | null> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
  const closed = once(server, 'close');
  server.close();
  await closed;
  return null;
}
