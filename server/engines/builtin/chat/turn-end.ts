/** Of what a template writes to open the answer: role, channel, an opened thought. */
const longestOpening = 64;

/**
 * Where in a prompt to keep the model's state for the next turn: behind the last user's message, since what opens the
 * answer (a role, an opened thought) is often written differently once the answer is history. Where the template
 * marks no ends of turns it is the last place before the answer. One token must always be left to read.
 */
export function turnEndOf(prompt: readonly number[], isTurnEnd: (token: number) => boolean): number {
  const last = prompt.length - 1;
  for (let index = last; index >= 0 && index > last - longestOpening; index -= 1) {
    const token = prompt[index];
    if (token !== undefined && isTurnEnd(token)) return Math.min(index + 1, last);
  }
  return last;
}
