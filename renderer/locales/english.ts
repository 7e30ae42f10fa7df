import type { ServerWords } from '../server-words.ts';
import common from './en.json';
import checks from './checks.en.json';
import connect from './connect.en.json';
import errors from './errors.en.json';
import general from './general.en.json';
import health from './health.en.json';
import home from './home.en.json';
import keys from './keys.en.json';
import models from './models.en.json';
import network from './network.en.json';
import ownPage from './own-page.en.json';
import people from './people.en.json';
import playground from './playground.en.json';
import requests from './requests.en.json';
import security from './security.en.json';
import settings from './settings.en.json';
import usage from './usage.en.json';
import graphics from './graphics.en.json';
import hours from './hours.en.json';
import owner from './owner.en.json';
import thisApp from './this-app.en.json';
import updates from './updates.en.json';
import wizard from './wizard.en.json';

/**
 * Every sentence of the console in English, which gives the keys their type. A part of the console has a file of its own,
 * named here and in `german.ts`; no two may begin their keys alike.
 */
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
};

export type Sentences = typeof sentences;

/** What the server says, where this language has other words for it. */
export const serverWords: ServerWords = errors;
