// Tick all rows of a table at once, and say how many are ticked.
for (const form of document.querySelectorAll("[data-ticks]")) {
  const all = form.querySelector("[data-tick-all]");
  const count = form.querySelector("[data-tick-count]");
  const rows = [...form.querySelectorAll('td input[type="checkbox"]')];
  const tell = () => {
    const ticked = rows.filter((row) => row.checked).length;
    if (all) {
      all.checked = ticked > 0 && ticked === rows.length;
      all.indeterminate = ticked > 0 && ticked < rows.length;
    }
    if (count) count.textContent = ticked ? `${count.dataset.some} ${ticked}` : count.dataset.none;
  };
  all?.addEventListener("change", () => {
    for (const row of rows) row.checked = all.checked;
    tell();
  });
  form.addEventListener("change", tell);
  tell();
}
