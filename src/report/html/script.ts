/**
 * What the page does by itself: values on hover, copying, saving the embedded JSON, and unfolding for print. It makes no
 * request, and the page is complete without it.
 */
export const SCRIPT = `
const tip = document.getElementById('tip');
const show = (target, event) => {
  tip.textContent = target.dataset.tip;
  tip.hidden = false;
  const box = target.getBoundingClientRect();
  const x = event && event.clientX !== undefined ? event.clientX : box.left + box.width / 2;
  const y = box.height > 60 && event ? event.clientY : box.top;
  const width = tip.offsetWidth, height = tip.offsetHeight;
  tip.style.left = Math.max(6, Math.min(x - width / 2, document.documentElement.clientWidth - width - 6)) + 'px';
  tip.style.top = (y - height - 10 < 4 ? y + 18 : y - height - 10) + 'px';
};
const hide = () => { tip.hidden = true; };
addEventListener('pointerover', (event) => {
  const target = event.target instanceof Element && event.target.closest('[data-tip]');
  if (target) show(target, event); else hide();
});
addEventListener('pointermove', (event) => {
  if (tip.hidden) return;
  const target = event.target instanceof Element && event.target.closest('[data-tip]');
  if (target) show(target, event);
});
addEventListener('scroll', hide, { passive: true });
addEventListener('click', async (event) => {
  const button = event.target instanceof Element && event.target.closest('button');
  if (!button) return;
  if (button.classList.contains('copy')) copy(button);
  if (button.id === 'save') save();
});
const copy = async (button) => {
  const text = button.previousElementSibling.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
  } catch {
    const range = document.createRange();
    range.selectNodeContents(button.previousElementSibling);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    button.textContent = 'Selected';
  }
  setTimeout(() => { button.textContent = 'Copy'; }, 1500);
};
const result = async () => {
  const { type, textContent } = document.getElementById('mpsbench-result');
  if (type === 'application/json') return textContent;
  const bytes = Uint8Array.from(atob(textContent), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).text();
};
const save = async () => {
  const text = JSON.stringify(JSON.parse(await result()), null, 2);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  link.download = 'mpsbench.json';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
};
let closed = [];
addEventListener('beforeprint', () => {
  closed = [...document.querySelectorAll('details:not([open])')];
  for (const one of closed) one.open = true;
});
addEventListener('afterprint', () => { for (const one of closed) one.open = false; });
`;
