// The tour of the queue: a dialog that points at one thing after the other. The browser keeps focus
// inside and closes it on Esc; a click beside it skips it. However it ends, it was seen.

const PHONE = matchMedia("(max-width: 820px)");
const ROOM = 12; // between what is shown and the card, and to the window's edges
const ROUND = 6; // the ring stands off what it surrounds
const EDGE = 3; // and is seen whole at the window's edge

let tour = null;
let steps = [];
let here = 0;

export function startTour() {
  tour = document.getElementById("tour");
  if (!tour) return;
  // Asked for by its address: a reload does not ask again.
  const address = new URL(location.href);
  if (address.searchParams.has("tour")) {
    address.searchParams.delete("tour");
    history.replaceState(history.state, "", address);
  }
  steps = [...tour.querySelectorAll("[data-tour-step]")].filter(fits);
  if (!steps.length || document.querySelector("dialog[open]")) return;
  const from = [scrollX, scrollY];

  tour.addEventListener("click", (event) => {
    if (event.target === tour || event.target.closest("[data-tour-skip]")) tour.close();
    else if (event.target.closest("[data-tour-next]")) go(1);
    else if (event.target.closest("[data-tour-back]")) go(-1);
  });
  tour.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key] ?? (event.key === "Enter" && event.target === tour ? 1 : 0);
    if (!step) return;
    event.preventDefault();
    // An arrow never ends the tour: only Enter on its last button does.
    if (here + step < steps.length || event.key === "Enter") go(step);
  });
  tour.addEventListener("close", () => {
    removeEventListener("resize", place);
    removeEventListener("scroll", place, true);
    scrollTo({ left: from[0], top: from[1], behavior: "instant" });
    remember();
  });
  addEventListener("resize", place);
  addEventListener("scroll", place, true);
  tour.showModal();
  show();
}

// The first of a step's things that is on the page and in sight.
function target(step) {
  for (const selector of step.dataset.at.split(" | ")) {
    for (const element of document.querySelectorAll(selector)) {
      if (element.getClientRects().length) return element;
    }
  }
  return null;
}

function fits(step) {
  const only = step.dataset.only;
  if (only && (only === "phone") !== PHONE.matches) return false;
  return target(step) !== null;
}

function go(step) {
  if (here + step >= steps.length) {
    tour.close();
    return;
  }
  here = Math.max(0, here + step);
  show();
}

function show() {
  const last = here === steps.length - 1;
  const said = steps[here].content.cloneNode(true);
  said.querySelector("[data-tour-count]").textContent = `${here + 1} / ${steps.length}`;
  tour.querySelector("[data-tour-said]").replaceChildren(said);
  tour.querySelector("[data-tour-back]").disabled = here === 0;
  tour.querySelector("[data-tour-on]").hidden = last;
  tour.querySelector("[data-tour-end]").hidden = !last;
  tour.querySelector("[data-tour-next]").focus({ preventScroll: true });
  target(steps[here])?.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
  clear();
  place();
}

// On a phone the card is a sheet at the bottom: what it would cover moves up, as far as the page goes.
function clear() {
  const card = tour.querySelector("[data-tour-card]");
  card.classList.remove("at-top");
  if (!PHONE.matches) return;
  const covered = () => {
    const box = target(steps[here])?.getBoundingClientRect();
    return box ? box.bottom + ROUND + ROOM - card.getBoundingClientRect().top : 0;
  };
  if (covered() > 0) scrollBy({ top: covered(), behavior: "instant" });
  if (covered() > 0) card.classList.add("at-top");
}

function place() {
  const box = target(steps[here])?.getBoundingClientRect();
  const ring = tour.querySelector("[data-tour-ring]");
  const card = tour.querySelector("[data-tour-card]");
  ring.hidden = !box;
  if (!box) return; // the list was looked at again meanwhile, and is empty now
  const [wide, high] = [document.documentElement.clientWidth, innerHeight];
  const [left, top] = [Math.max(box.left - ROUND, EDGE), Math.max(box.top - ROUND, EDGE)];
  const [right, bottom] = [Math.min(box.right + ROUND, wide - EDGE), box.bottom + ROUND];
  Object.assign(ring.style, {
    left: `${left}px`,
    top: `${top}px`,
    width: `${right - left}px`,
    height: `${bottom - top}px`,
  });
  if (PHONE.matches) {
    Object.assign(card.style, { left: "", top: "" }); // the style sheet has it
    return;
  }
  const [below, above] = [bottom + ROOM, top - ROOM - card.offsetHeight];
  const down = below + card.offsetHeight + ROOM <= high || above < ROOM ? below : above;
  card.style.top = `${Math.max(ROOM, Math.min(down, high - card.offsetHeight - ROOM))}px`;
  card.style.left = `${Math.max(ROOM, Math.min(left, wide - card.offsetWidth - ROOM))}px`;
}

// If this does not arrive, the tour comes once more, and no harm is done.
function remember() {
  const token = tour.querySelector("[name=csrfmiddlewaretoken]").value;
  fetch(tour.dataset.seen, { method: "POST", headers: { "X-CSRFToken": token }, keepalive: true }).catch(() => {});
}
