// A number that has changed runs to where it is now. No words live here.
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const written = new Intl.NumberFormat(document.documentElement.lang || undefined);
const COUNT_MS = 700;

/** Let a number that stands in `element` run from `from` to `to`; what the server wrote stands there in the end. */
export function count(element, from, to) {
  const end = element.textContent;
  if (calm.matches || document.hidden || from === to) return;
  const begun = performance.now();
  const spoken = element.getAttribute("aria-label");
  element.setAttribute("aria-label", end);
  const step = (now) => {
    const part = Math.min(1, (now - begun) / COUNT_MS);
    const eased = 1 - (1 - part) ** 3;
    element.textContent = part < 1 ? written.format(Math.round(from + (to - from) * eased)) : end;
    if (part < 1) requestAnimationFrame(step);
    else if (spoken === null) element.removeAttribute("aria-label");
  };
  requestAnimationFrame(step);
}

/** Take note of the numbers in a region (by their order), to tell afterwards which have moved. */
export function numbersIn(region) {
  return [...region.querySelectorAll("[data-points]")].map((one) => Number(one.dataset.points));
}

/** Move the numbers of a region that has been drawn anew. */
export function move(region, before) {
  const elements = [...region.querySelectorAll("[data-points]")];
  if (elements.length !== before.length) return;
  elements.forEach((element, place) => {
    const now = Number(element.dataset.points);
    if (Number.isSafeInteger(before[place]) && now !== before[place]) count(element, before[place], now);
  });
}
