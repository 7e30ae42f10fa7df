/** Making elements: all text goes in as text, never as markup. */

type Attributes = Readonly<Record<string, string | number | boolean>>;
export type Child = Node | string | null;

/** An element; an attribute that is `true` is set without a value, one that is `false` is left out. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** The page's one heading of its level; takes the focus when its screen comes. */
export function heading(text: string): HTMLElement {
  return h('h1', { tabindex: -1 }, text);
}

type ButtonKind = 'primary' | 'default' | 'quiet';

export function button(kind: ButtonKind, label: string, onPress: () => void): HTMLButtonElement {
  const element = h('button', { type: 'button', class: kind }, label);
  element.addEventListener('click', onPress);
  return element;
}

const shapes = {
  smartphone: ['rect x=5 y=2 width=14 height=20 rx=2', 'path d=M12,18h.01'],
  laptop: [
    'path d=M18,5a2,2,0,0,1,2,2v8.526a2,2,0,0,0,.212.897l1.068,2.127a1,1,0,0,1-.9,1.45H3.62a1,1,0,0,1-.9-1.45l1.068-2.127A2,2,0,0,0,4,15.526V7a2,2,0,0,1,2-2z',
    'path d=M20.054,15.987H3.946',
  ],
  monitor: ['rect x=2 y=3 width=20 height=14 rx=2', 'path d=M8,21h8M12,17v4'],
  copy: [
    'rect x=8 y=8 width=14 height=14 rx=2',
    'path d=M4,16c-1.1,0-2-.9-2-2V4c0-1.1.9-2,2-2h10c1.1,0,2,.9,2,2',
  ],
  check: ['path d=M20,6,9,17l-5-5'],
  'circle-check': ['circle cx=12 cy=12 r=10', 'path d=m16,9-5.5,5.5L8,12'],
  'lock-open': ['rect x=3 y=11 width=18 height=11 rx=2', 'path d=M7,11V7a5,5,0,0,1,9.9-1'],
  hourglass: [
    'path d=M5,22h14M5,2h14',
    'path d=M17,22v-4.172a2,2,0,0,0-.586-1.414L12,12l-4.414,4.414A2,2,0,0,0,7,17.828V22',
    'path d=M7,2v4.172a2,2,0,0,0,.586,1.414L12,12l4.414-4.414A2,2,0,0,0,17,6.172V2',
  ],
} as const;

/** Icons of Lucide (ISC licence), which the console has as React components. */
export function icon(name: keyof typeof shapes, sizePixels = 20): SVGElement {
  const svg = svgElement('svg', { viewBox: '0 0 24 24', width: sizePixels, height: sizePixels });
  setAttributes(svg, { class: 'icon', 'aria-hidden': 'true', focusable: 'false' });
  for (const shape of shapes[name]) {
    const [tag = '', ...pairs] = shape.split(' ');
    svg.append(svgElement(tag, Object.fromEntries(pairs.map((pair) => pair.split('=')))));
  }
  return svg;
}

function svgElement(tag: string, attributes: Attributes): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  setAttributes(element, attributes);
  return element;
}

function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
}
