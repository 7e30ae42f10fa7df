import { expect, it } from 'vitest';
import { createBlocks } from '../../../server/edge/blocks.ts';
import { createManualTime } from '../../fakes/manual-time.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

function start() {
  const time = createManualTime(Date.parse('2026-11-23T12:00:00Z'));
  const blocks = createBlocks(time.clock);
  const guess = (address: string, count: number, kind: 'keys' | 'passwords' | 'codes' = 'keys') =>
    Array.from({ length: count }, () => blocks.strike(address, kind)).filter((block) => block !== null);
  return { time, blocks, guess };
}

it('thirty wrong keys within a minute are blocked for a minute, and told with reason and end', () => {
  const { time, blocks, guess } = start();
  expect(guess('192.168.1.5', 29)).toEqual([]);
  expect(blocks.standing('192.168.1.5')).toBeNull();
  const block = {
    address: '192.168.1.5',
    reason: 'keys',
    wrong: 30,
    since: '2026-11-23T12:00:00.000Z',
    until: '2026-11-23T12:01:00.000Z',
    times: 1,
  };
  expect(guess('192.168.1.5', 1)).toEqual([block]);
  expect(blocks.list()).toEqual([block]);
  expect(blocks.standing('192.168.1.5')).toEqual({ reason: 'keys', waitMs: minuteMs });
  expect(blocks.standing('192.168.1.6')).toBeNull();
  time.advance(minuteMs);
  expect([blocks.standing('192.168.1.5'), blocks.list()]).toEqual([null, []]);
});

it('ten wrong passwords or codes are enough, within ten minutes and counted apart', () => {
  const { time, guess } = start();
  expect(guess('10.0.0.1', 9, 'passwords')).toEqual([]);
  expect(guess('10.0.0.1', 9, 'codes')).toEqual([]);
  expect(guess('10.0.0.1', 1, 'codes')).toMatchObject([{ reason: 'codes', wrong: 10 }]);
  expect(guess('10.0.0.2', 9, 'passwords')).toEqual([]);
  time.advance(10 * minuteMs);
  expect(guess('10.0.0.2', 9, 'passwords')).toEqual([]);
  expect(guess('10.0.0.2', 1, 'passwords')).toHaveLength(1);
});

it('each block lasts twice as long as the one before, an hour at most; a quiet day forgives', () => {
  const { time, guess } = start();
  const lasted: number[] = [];
  const next = () => {
    const [block] = guess('10.0.0.1', 30);
    if (block === undefined) throw new Error('not blocked');
    lasted.push((Date.parse(block.until) - Date.parse(block.since)) / minuteMs);
    time.advance(Date.parse(block.until) - Date.parse(block.since));
  };
  for (let round = 0; round < 8; round += 1) next();
  time.advance(23 * hourMs);
  next();
  time.advance(24 * hourMs + 1);
  next();
  expect(lasted).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 1]);
});

it('what goes on while it is blocked does not make it longer', () => {
  const { time, blocks, guess } = start();
  guess('10.0.0.1', 30);
  time.advance(59_000);
  expect(guess('10.0.0.1', 100)).toEqual([]);
  expect(blocks.standing('10.0.0.1')).toMatchObject({ waitMs: 1_000 });
  time.advance(1_000);
  expect(guess('10.0.0.1', 29)).toEqual([]);
});

it('the clock that people see may be set back: the block ends all the same', () => {
  const { time, blocks, guess } = start();
  guess('10.0.0.1', 30);
  time.setBack(24 * hourMs);
  time.advance(minuteMs);
  expect(blocks.standing('10.0.0.1')).toBeNull();
});

it('lifting ends it and forgets what led to it; what is not blocked cannot be lifted', () => {
  const { blocks, guess } = start();
  guess('2001:db8:1:2::7', 30);
  expect(blocks.list()).toMatchObject([{ address: '2001:db8:1:2::/64' }]);
  expect(blocks.standing('2001:db8:1:2::/64')).not.toBeNull();
  expect(blocks.lift('10.0.0.9')).toBe(false);
  expect(blocks.lift('2001:db8:1:2::9')).toBe(true);
  expect(blocks.lift('2001:db8:1:2::9')).toBe(false);
  expect(guess('2001:db8:1:2::7', 30)).toMatchObject([{ times: 1 }]);
  expect(blocks.lift('2001:db8:1:2::/64')).toBe(true);
});

it('a flood of addresses is forgotten again; who is blocked stays blocked', () => {
  const { blocks, guess } = start();
  guess('10.0.0.1', 30);
  guess('10.0.0.2', 29);
  for (let index = 0; index < 20_000; index += 1) guess(`172.16.${index >> 8}.${index & 255}`, 1);
  expect(blocks.standing('10.0.0.1')).not.toBeNull();
  expect(guess('10.0.0.2', 1)).toEqual([]);
});
