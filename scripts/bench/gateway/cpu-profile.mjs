// A CPU profile of V8 (the DevTools protocol's Profiler.Profile), summed up by who has used the time.
import { inRoot } from '../../lib/project.mjs';

/**
 * @typedef {object} ProfileNode
 * @property {number} id
 * @property {{ functionName: string, url: string, lineNumber: number }} callFrame
 * @property {number[]} [children]
 * @typedef {{ nodes: ProfileNode[], samples: number[], timeDeltas: number[] }} Profile
 */

/** Doing nothing is no use of time. */
const idle = new Set(['(idle)', '(root)']);

/**
 * Self time by owner and by function, in milliseconds, the most first.
 * @param {Profile} profile
 */
export function summariseProfile({ nodes, samples, timeDeltas }) {
  /** @type {Map<number, ProfileNode>} */
  const byId = new Map(nodes.map((node) => [node.id, node]));
  /** @type {Map<number, number>} */
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id])));
  /** @type {Map<string, number>} */
  const owners = new Map();
  /** @type {Map<string, number>} */
  const functions = new Map();
  samples.forEach((id, index) => {
    const node = byId.get(id);
    if (node === undefined || idle.has(node.callFrame.functionName)) return;
    const elapsedMs = (timeDeltas[index] ?? 0) / 1000;
    const owner = ownerOf(node, byId, parents);
    add(owners, owner, elapsedMs);
    const { functionName, url, lineNumber } = node.callFrame;
    const place = url === '' ? owner : `${url.split('/').at(-1)}:${lineNumber + 1}`;
    add(functions, `${functionName || '(anonymous)'} ${place}`, elapsedMs);
  });
  return { owners: sorted(owners), functions: sorted(functions).slice(0, 120) };
}

/**
 * A package, a folder of ours, a part of Node; what has no file (native code) belongs to whoever has called it.
 * @param {ProfileNode} node
 * @param {ReadonlyMap<number, ProfileNode>} byId
 * @param {ReadonlyMap<number, number>} parents
 */
function ownerOf(node, byId, parents) {
  const { functionName } = node.callFrame;
  if (functionName === '(garbage collector)') return 'garbage collection';
  /** @type {ProfileNode | undefined} */
  let at = node;
  while (at !== undefined && at.callFrame.url === '') at = byId.get(parents.get(at.id) ?? -1);
  if (at === undefined)
    return functionName === '(program)' ? 'Node itself (C++, system calls)' : functionName;
  const { url } = at.callFrame;
  const npm = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//u.exec(url)?.[1];
  if (npm !== undefined) return `npm ${npm}`;
  if (url.startsWith('node:')) return url.replace(/^node:internal\/([^/]+).*$/u, 'node:$1');
  const path = url.slice(url.indexOf(inRoot()) + inRoot().length + 1);
  return path.split('/').slice(0, -1).slice(0, 3).join('/');
}

/**
 * @param {Map<string, number>} sums
 * @param {string} name
 * @param {number} value
 */
function add(sums, name, value) {
  sums.set(name, (sums.get(name) ?? 0) + value);
}

/** @param {ReadonlyMap<string, number>} sums */
function sorted(sums) {
  return [...sums].toSorted(([, a], [, b]) => b - a);
}
