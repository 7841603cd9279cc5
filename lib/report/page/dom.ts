type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;
type Child = Node | string | undefined;

const svgNames = 'http://www.w3.org/2000/svg';

/** An HTML element; strings become text, never markup. */
export function html<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return filled(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  return filled(document.createElementNS(svgNames, tag), attributes, children);
}

/** A button that does something. */
export function button(label: string, title: string, act: () => void): HTMLButtonElement {
  const element = html('button', { type: 'button', title, 'aria-label': title }, label);
  element.addEventListener('click', act);
  return element;
}

/** The task that an event on one of its pictures means: its index. */
export function taskAt(event: Event): number | undefined {
  const element = event.target instanceof Element ? event.target.closest('[data-task]') : null;
  const index = element?.getAttribute('data-task');
  return index === null || index === undefined ? undefined : Number(index);
}

function filled<E extends Element>(
  element: E,
  attributes: Attributes,
  children: readonly Child[],
): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children) if (child !== undefined) element.append(child);
  return element;
}
