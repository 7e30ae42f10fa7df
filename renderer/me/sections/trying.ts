import { h } from '../../pair/dom.ts';
import { mostTokens } from '../chat.ts';
import { card, type Panel } from '../panel.ts';
import type { Talk, Turn } from '../talk.ts';
import { formatWait, say, sayCount } from '../words.ts';

/** A small conversation, to see that it answers. What the model says is shown as text, never as markup. */
export function tryPanel(talk: Talk): Panel {
  const form = questionForm(talk);
  const turns = h('ol', { class: 'talk' });
  const status = h('p', { class: 'unseen', role: 'status' });
  const element = card(
    say('try.title'),
    h('p', { class: 'muted' }, say('try.lead')),
    turns,
    form.element,
    status,
  );
  let last: { readonly turn: Turn; readonly answer: HTMLElement; readonly note: HTMLElement } | null = null;

  function drawAll(): void {
    last = null;
    turns.replaceChildren(
      ...talk.turns.map((turn) => {
        const answer = h('p', { class: 'said' }, turn.answer);
        const note = h('div', { class: 'muted small' });
        last = { turn, answer, note };
        drawNote();
        return h(
          'li',
          { class: 'stack-tight' },
          h('p', { class: 'said asked' }, h('strong', {}, `${say('try.you')}: `), turn.question),
          answer,
          note,
        );
      }),
    );
    form.update(talk.isRunning());
  }
  function drawNote(): void {
    last?.note.replaceChildren(...noteOf(last.turn));
  }
  talk.watch = (change) => {
    if (change === 'turns') return drawAll();
    if (last === null) return;
    // Added, not written anew: what somebody has selected stays selected.
    last.answer.append(last.turn.answer.slice(last.answer.textContent.length));
    drawNote();
    if (change !== 'end') return;
    form.update(talk.isRunning());
    status.textContent = last.note.textContent;
  };
  drawAll();
  return {
    element,
    update({ models, chatModel }) {
      const chats = models.filter(({ task }) => task === 'generate').map(({ id }) => id);
      form.offer(chats, chatModel);
    },
  };
}

function noteOf({ answer, firstMs, end }: Turn): (string | Node)[] {
  switch (end?.kind) {
    case undefined:
      return [say(firstMs === null ? 'try.waiting' : 'try.answering')];
    case 'done':
      if (answer === '' || firstMs === null) return [say('try.empty')];
      return [
        sayCount('try.done', end.tokens ?? 0, {
          first: formatWait(firstMs),
          ...(end.tokens === null ? { count: '–' } : {}),
        }),
        end.isCut ? `. ${sayCount('try.cut', mostTokens)}` : '',
      ];
    case 'stopped':
      return [say('try.stopped')];
    case 'broken':
      return [h('p', { class: 'warned' }, say('try.broken'))];
    case 'refused':
      return [
        h('p', { class: 'warned' }, say('try.refused')),
        h('p', { class: 'quote', lang: 'en' }, end.message),
      ];
  }
}

type QuestionForm = {
  readonly element: HTMLElement;
  readonly offer: (models: readonly string[], usual: string | null) => void;
  readonly update: (isRunning: boolean) => void;
};

function questionForm(talk: Talk): QuestionForm {
  const model = h('select', { id: 'try-model' });
  const question = h('textarea', {
    id: 'try-question',
    rows: 3,
    maxlength: 4000,
    'aria-describedby': 'try-error',
  });
  const error = h('p', { id: 'try-error', class: 'error', role: 'alert' });
  const send = h('button', { type: 'submit', class: 'primary' }, say('try.send'));
  const stop = h('button', { type: 'button', class: 'default' }, say('try.stop'));
  const clear = h('button', { type: 'button', class: 'quiet' }, say('try.clear'));
  const choice = h('div', { class: 'field' }, h('label', { for: model.id }, say('try.model')), model);
  const none = h('p', { hidden: true }, say('try.none'));
  const fields = h(
    'div',
    { class: 'stack' },
    choice,
    h('div', { class: 'field' }, h('label', { for: question.id }, say('try.question')), question, error),
    h('div', { class: 'row' }, send, stop, clear),
  );
  const element = h('form', { novalidate: true }, none, fields);
  let offered = '';

  function complain(text: string): void {
    error.textContent = text;
    if (text === '') question.removeAttribute('aria-invalid');
    else question.setAttribute('aria-invalid', 'true');
  }
  function update(isRunning: boolean): void {
    send.hidden = isRunning;
    stop.hidden = !isRunning;
    clear.hidden = talk.turns.length === 0;
  }
  question.value = talk.draft;
  question.addEventListener('input', () => {
    talk.draft = question.value;
    complain('');
  });
  question.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    element.requestSubmit();
  });
  model.addEventListener('change', () => void (talk.model = model.value));
  stop.addEventListener('click', () => {
    talk.stop();
    question.focus();
  });
  clear.addEventListener('click', () => {
    talk.clear();
    question.focus();
  });
  element.addEventListener('submit', (event) => {
    event.preventDefault();
    const text = question.value.trim();
    if (talk.isRunning() || model.value === '') return;
    if (text === '') {
      complain(say('try.missing'));
      question.focus();
      return;
    }
    question.value = '';
    talk.draft = '';
    talk.ask(model.value, text);
  });
  return {
    element,
    update,
    offer(models, usual) {
      none.hidden = models.length > 0;
      fields.hidden = models.length === 0;
      const content = JSON.stringify(models);
      if (content === offered) return;
      offered = content;
      model.replaceChildren(...models.map((id) => h('option', { value: id }, id)));
      const wanted = talk.model !== null && models.includes(talk.model) ? talk.model : usual;
      if (wanted !== null) model.value = wanted;
      choice.hidden = models.length < 2;
    },
  };
}
