const pen = document.createElement('canvas').getContext('2d');
if (pen !== null) pen.font = '12px system-ui, sans-serif';

/** A name as it fits into so many pixels, cut in its middle; empty where nothing of it would be told. */
export function fitted(name: string, pixels: number): string {
  if (widthOf(name) <= pixels) return name;
  const letters = [...name];
  // Of what is too long only so much is looked at, however long it is.
  let few = 2;
  let many = Math.min(letters.length, Math.ceil(pixels));
  if (widthOf(cut(letters, few)) > pixels) return '';
  while (few < many) {
    const middle = Math.ceil((few + many) / 2);
    if (widthOf(cut(letters, middle)) <= pixels) few = middle;
    else many = middle - 1;
  }
  return cut(letters, few);
}

function cut(letters: readonly string[], count: number): string {
  const tail = Math.floor(count / 2);
  return `${letters.slice(0, count - tail).join('')}…${letters.slice(letters.length - tail).join('')}`;
}

function widthOf(text: string): number {
  return pen?.measureText(text).width ?? text.length * 7;
}
