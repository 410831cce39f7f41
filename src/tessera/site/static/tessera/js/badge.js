// Opens the browser's print dialog for a badge and notes afterwards that it was printed. Words come from the page.
const form = document.getElementById("printing");
let noted = false;

/** Say once that this browser has printed; the page stays as it is. */
async function note() {
  if (noted) return;
  noted = true;
  try {
    await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } });
  } catch {
    noted = false; // no network: the job stays in the queue for the next time
  }
}

addEventListener("afterprint", note);
if (form?.dataset.atOnce !== undefined) {
  history.replaceState(null, "", location.pathname); // a reload does not print once more
  addEventListener("load", () => print());
}
