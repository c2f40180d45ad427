// Choosing the grids of a task: a whole area stands for all that is in it.

export function startTasks() {
  const place = document.querySelector("[data-task-grids]");
  if (!place) return;
  const said = document.querySelector("[data-grids-chosen]");
  place.addEventListener("change", () => show(place, said));
  show(place, said);
}

function show(place, said) {
  let grids = 0;
  for (const group of place.querySelectorAll(".task-group")) {
    const whole = group.querySelector("[data-whole]");
    const inside = [...group.querySelectorAll(".task-inside input")];
    for (const each of inside) each.disabled = whole.checked;
    // What a community of a district holds is counted by the server.
    grids += whole.checked ? Number(whole.dataset.n) : inside.filter((each) => each.checked).length;
  }
  said.hidden = !grids;
  said.textContent = place.dataset.words.replace("{n}", grids);
}
