// The list of alarms of devices, kept up to date while it is looked at.
import { ask, repeat } from "./live.js";

export function startDeviceAlarms() {
  const list = document.querySelector("[data-alarms]");
  if (list) repeat(() => look(list), 5000);
}

async function look(list) {
  const answer = await ask(list.dataset.alarms + encodeURIComponent(list.querySelector("[data-mark]").dataset.mark));
  if (!answer) return;
  const focused = list.contains(document.activeElement) ? document.activeElement.id : "";
  const draft = document.createElement("template");
  draft.innerHTML = await answer.text();
  list.replaceChildren(draft.content);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}
