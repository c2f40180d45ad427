// A verb's form opens in a dialog over the case. Without scripts the same link is a page.

import { clearMaps } from "./maps.js";
import { words } from "./menus.js";

let box = null;
let opener = null;

export function startDialogs(htmx) {
  box = document.getElementById("sheet");
  if (!box) return;
  const inside = box.querySelector("[data-inside]");

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
      event.preventDefault();
      openDialog(htmx, link.href, link);
      return;
    }
    if (event.target.closest("[data-close]")) {
      const dialog = event.target.closest("dialog");
      if (dialog) {
        event.preventDefault();
        dialog.close();
      }
    }
  });
  box.addEventListener("close", () => {
    clearMaps(inside);
    inside.replaceChildren();
    opener?.focus();
  });
  inside.addEventListener("htmx:afterSwap", () => {
    if (!box.open) box.showModal();
    const first =
      inside.querySelector('[aria-invalid="true"]') ||
      inside.querySelector("[autofocus]") ||
      inside.querySelector("input:not([type=hidden]):not([type=file]), select, textarea, button[type=submit]");
    first?.focus();
    if (inside.querySelector(".notice-bad, .notice-warn")) box.scrollTop = 0;
  });
  // Where Enter makes a new line, Ctrl+Enter sends.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    const form = event.target.closest?.("#sheet form, form[data-draft]");
    const button = form?.querySelector(".btn-primary, .btn-danger");
    if (!button || button.disabled) return;
    event.preventDefault();
    button.click();
  });
  // Sent twice is done twice for whoever is impatient: the button rests until the answer is there.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sending) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (form.method === "post" && !form.hasAttribute("hx-post")) form.dataset.sending = "1";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sending]")) delete form.dataset.sending;
  });
  document.addEventListener("htmx:sendError", () => say(box, "lost"));
  document.addEventListener("htmx:responseError", () => say(box, "failed"));
}

// What could not be sent stays in its form; a line over it says so.
function say(dialog, name) {
  const body = dialog.open && dialog.querySelector(".sheet-body");
  if (!body) {
    const line = document.getElementById("lost");
    if (line) line.hidden = false;
    return;
  }
  body.querySelector("[data-unsent]")?.remove();
  const line = document.createElement("div");
  line.className = "notice notice-bad";
  line.dataset.unsent = "";
  line.setAttribute("role", "alert");
  line.textContent = words(name);
  body.prepend(line);
  dialog.scrollTop = 0;
}

export function openDialog(htmx, url, from) {
  opener = from ?? document.activeElement;
  htmx.ajax("GET", url, { target: "#sheet [data-inside]", swap: "innerHTML" });
}
