// A button that copies an element's text: data-copy="its id"; data-copied is said when it is done.
import { toast } from "./app.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.textContent.trim());
    toast(button.dataset.copied);
  } catch {
    getSelection().selectAllChildren(source);
  }
});
