import type { ServerWords } from '../server-words.ts';
import type { Sentences } from './english.ts';
import common from './de.json';
import checks from './checks.de.json';
import connect from './connect.de.json';
import errors from './errors.de.json';
import general from './general.de.json';
import health from './health.de.json';
import home from './home.de.json';
import keys from './keys.de.json';
import models from './models.de.json';
import network from './network.de.json';
import ownPage from './own-page.de.json';
import people from './people.de.json';
import playground from './playground.de.json';
import requests from './requests.de.json';
import security from './security.de.json';
import settings from './settings.de.json';
import usage from './usage.de.json';
import graphics from './graphics.de.json';
import hours from './hours.de.json';
import owner from './owner.de.json';
import thisApp from './this-app.de.json';
import updates from './updates.de.json';
import wizard from './wizard.de.json';

/** Every sentence of the console in German. */
export const sentences = {
  ...common,
  ...checks,
  ...connect,
  ...general,
  ...health,
  ...home,
  ...keys,
  ...models,
  ...network,
  ...ownPage,
  ...people,
  ...playground,
  ...requests,
  ...security,
  ...settings,
  ...usage,
  ...graphics,
  ...hours,
  ...owner,
  ...thisApp,
  ...updates,
  ...wizard,
} satisfies Sentences;

/** What the server says, where this language has other words for it. */
export const serverWords: ServerWords = errors;
