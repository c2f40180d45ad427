// Before a form is sent: what of the evidence that the item asks for is there, and what is not.

export function startEvidence(htmx) {
  const look = (root) => {
    for (const list of root.querySelectorAll?.("[data-evidence]") ?? []) {
      if (list.dataset.watched) continue;
      list.dataset.watched = "1";
      const form = list.closest("form");
      const again = () => show(list, form);
      for (const event of ["input", "change", "huying:photos"]) form.addEventListener(event, again);
      again();
    }
  };
  look(document);
  htmx.onLoad(look);

  // A suggested item becomes the chosen one.
  document.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-choose]");
    const select = chip?.closest("form")?.elements.namedItem("item"); // `elements.item` is a method
    if (!select) return;
    select.value = chip.dataset.choose;
    select.dispatchEvent(new Event("change", { bubbles: true }));
    for (const other of chip.parentElement.children) other.setAttribute("aria-pressed", String(other === chip));
  });
}

function show(list, form) {
  for (const line of list.children) {
    const here = Number(line.dataset.have) + counted(line.dataset.demand, form);
    const ok = here >= Number(line.dataset.least);
    line.className = ok ? "ok" : "lack";
    line.querySelector(".i").className = `i ${ok ? "i-circle-check" : "i-alert-triangle"}`;
    const word = line.querySelector("[data-word]");
    word.textContent = ok ? word.dataset.ok : word.dataset.lack;
  }
}

function counted(kind, form) {
  if (kind === "gps") return form.elements.lon?.value && form.elements.lat?.value ? 1 : 0;
  if (kind === "form") return form.elements.form?.value.trim() ? 1 : 0;
  const name = kind === "photo_before" ? "photos_before" : "photos_after";
  const sent = [...form.querySelectorAll(`input[type=hidden][name=${name}]`)];
  return sent.filter((input) => input.value).length;
}
