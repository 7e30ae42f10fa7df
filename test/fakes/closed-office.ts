import type { OpenedOffice } from '../../server/http/open-office.ts';
import type { Neighbourhood } from '../../server/lan/neighbours.ts';
import type { LanState } from '../../server/wire/lan.ts';

const off: LanState = {
  on: false,
  phase: 'off',
  portTaken: null,
  address: null,
  mdnsName: null,
  mdnsProblem: null,
  qrSvg: null,
  hints: [],
  reachedFrom: null,
  plain: true,
  choices: [],
  previousAddress: null,
};

/** An office that is in the given state and stays there; for tests of what only reads it. */
export function closedOffice(state: Partial<LanState> = {}): OpenedOffice {
  return {
    name: () => 'Inglenook on desk-1',
    state: () => ({ ...off, ...state }),
    sawRequestFrom() {},
    id: '0a1b2c3d',
    lastRequest: () => null,
    addressChanges: () => [],
    isOwnName: () => false,
    refresh: async () => {},
    lookAgain: async () => {},
    withdraw: async () => {},
    silence: async () => {},
    begin: async () => {},
    choose: async () => {},
    chosenAddress: () => null,
    bestAddress: async () => null,
    stop: async () => {},
  };
}

/** A network without other Inglenooks. */
export function noNeighbours(): Neighbourhood {
  return { look: async () => ({ neighbours: [], problem: null }), stop() {} };
}
