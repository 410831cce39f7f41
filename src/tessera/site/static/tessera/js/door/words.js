// Words stand in the page as <template data-word>; {names} in them are filled in. Numbers and times are written here.
const language = document.documentElement.lang || undefined;
const templates = new Map(
  [...document.querySelectorAll("#words template")].map((one) => [one.dataset.word, one.content.textContent.trim()]),
);

export function word(name, filled = {}) {
  const text = templates.get(name) ?? templates.get("fault") ?? name;
  return text.replace(/\{(\w+)\}/g, (whole, key) => filled[key] ?? "");
}

export const hasWord = (name) => templates.has(name);

/** A number as it stands on the badge: the prefix of the group, then at least the event's width of digits. */
export function shownNumber(number, { prefixes = {}, number_width = 1 } = {}, group = "") {
  return `${prefixes[group] ?? ""}${String(number).padStart(number_width, "0")}`;
}

export const written = (number) => new Intl.NumberFormat(language).format(number);

export function timeOf(moment, { time_zone } = {}) {
  const form = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: time_zone };
  return new Intl.DateTimeFormat(language, form).format(new Date(moment));
}

export function dayAndTime(moment, { time_zone } = {}) {
  const form = { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: time_zone };
  return new Intl.DateTimeFormat(language, form).format(new Date(moment));
}
