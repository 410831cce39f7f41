// Says a moment by the reader's own clock where that differs from the place's: data-own-time is the moment,
// data-zone the place's zone, data-words the sentence with {time}.
for (const line of document.querySelectorAll("[data-own-time]")) {
  const at = new Date(line.dataset.ownTime);
  const shape = { dateStyle: "medium", timeStyle: "short" };
  const language = document.documentElement.lang || undefined;
  const own = new Intl.DateTimeFormat(language, shape).format(at);
  let there = own;
  try {
    there = new Intl.DateTimeFormat(language, { ...shape, timeZone: line.dataset.zone }).format(at);
  } catch {
    continue; // a zone that this browser does not know
  }
  if (own === there) continue;
  line.textContent = line.dataset.words.replace("{time}", own);
  line.hidden = false;
}
