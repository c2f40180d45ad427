// Small things of every page: menus that close, the night switch, selects that send their form.

const THEME = "huying.theme";

export function startMenus() {
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
    if (event.target.closest("[data-theme-switch]")) switchTheme();
    const more = event.target.closest("[data-more-filters]");
    if (more) more.setAttribute("aria-expanded", String(more.form.classList.toggle("open")));
    const dismiss = event.target.closest("[data-dismiss]");
    if (dismiss) dismiss.closest(".notice")?.remove();
  });
  document.addEventListener("toggle", (event) => keepInside(event.target), true);
  addEventListener("resize", () => document.querySelectorAll("details.menu[open]").forEach(keepInside));
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });
  showTheme();
  // On a phone the lists' names may be wider than the screen: the present one is in view.
  document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

// A list that would reach over the window's edge moves as far as it must, and no farther than its start.
function keepInside(menu) {
  const list = menu.open && menu.matches("details.menu") && menu.querySelector(".menu-list");
  if (!list) return;
  list.style.translate = "";
  const box = list.getBoundingClientRect();
  const over = Math.min(box.right + 8 - document.documentElement.clientWidth, box.left - 8);
  if (over > 0) list.style.translate = `${-over}px`;
}

function switchTheme() {
  const root = document.documentElement;
  const next = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
  root.setAttribute("data-bs-theme", next);
  try {
    localStorage.setItem(THEME, next);
  } catch {
    // Storage is off: the choice lasts as long as the page.
  }
  showTheme();
  document.dispatchEvent(new CustomEvent("huying:theme"));
}

function showTheme() {
  const dark = document.documentElement.getAttribute("data-bs-theme") === "dark";
  for (const button of document.querySelectorAll("[data-theme-switch]")) {
    button.setAttribute("aria-pressed", String(dark));
    const icon = button.querySelector(".i");
    icon?.classList.toggle("i-sun", dark);
    icon?.classList.toggle("i-moon", !dark);
  }
}

// Words that scripts show; the page carries them in its language.
export function words(name, values = {}) {
  const text = document.getElementById("words")?.content.querySelector(`[data-w="${name}"]`);
  let said = text ? text.textContent : name;
  for (const [key, value] of Object.entries(values)) said = said.replace(`{${key}}`, value);
  return said;
}
