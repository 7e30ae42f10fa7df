import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** @type {number | null} */
let ticksPerSecond = null;

/**
 * CPU time of a process, user and system, in milliseconds (proc(5): utime and stime of /proc/PID/stat).
 * @param {number} pid
 */
export function cpuMsOf(pid) {
  ticksPerSecond ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may hold anything; what follows does not.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}
