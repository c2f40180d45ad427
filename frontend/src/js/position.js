// "Use my position": the browser's position goes into the form's degrees, with how exact it is. The
// pin stays movable; where there is no position, the map and the degrees are there all the same.

const PATIENCE = { enableHighAccuracy: true, timeout: 10000, maximumAge: 0 };

export function startPosition() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-where-ask]");
    if (button) ask(button);
  });
}

function ask(button) {
  const place = button.closest("[data-where]");
  const form = button.form ?? button.closest("form");
  const said = place.querySelector("[data-where-said]");
  const tell = (text, bad = false) => {
    said.textContent = text;
    said.classList.toggle("field-bad", bad);
    button.disabled = false;
  };
  if (!navigator.geolocation) return tell(place.dataset.none, true);
  button.disabled = true;
  said.classList.remove("field-bad");
  said.textContent = place.dataset.asking;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      if (!form.isConnected) return; // the form was closed meanwhile
      form.elements.lon.value = coords.longitude.toFixed(6);
      form.elements.lat.value = coords.latitude.toFixed(6);
      const detail = { accuracy: coords.accuracy };
      form.querySelector("[data-pick]")?.dispatchEvent(new CustomEvent("huying:position", { detail }));
      form.elements.lon.dispatchEvent(new Event("change", { bubbles: true }));
      tell(place.dataset.found.replace("{m}", String(Math.max(1, Math.round(coords.accuracy)))));
    },
    (error) => tell(error.code === error.PERMISSION_DENIED ? place.dataset.refused : place.dataset.none, true),
    PATIENCE,
  );
}
