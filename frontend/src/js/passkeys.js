// Passkeys: asks the device, puts its answer into the form and sends it. Forms are hidden until it
// is known that this browser can; until then a sentence says what is missing.
export function startPasskeys() {
  for (const place of document.querySelectorAll("[data-passkey-place]")) {
    if (!window.isSecureContext || !window.webauthnJSON?.supported()) continue;
    place.querySelector("[data-passkey]").hidden = false;
    const without = place.querySelector("[data-passkey-without]");
    if (without) without.hidden = true;
    listen(place.querySelector("form[data-passkey]"));
  }
}

function listen(form) {
  const trouble = form.querySelector("[data-passkey-trouble]");
  const button = form.querySelector("button");
  let under_way = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (under_way) return;
    under_way = true;
    button.setAttribute("aria-busy", "true");
    trouble.hidden = true;
    try {
      const device = window.webauthnJSON[form.dataset.passkey];
      form.elements.credential.value = JSON.stringify(await device(await options(form)));
      form.submit();
    } catch (error) {
      const again = form.dataset.again;
      trouble.textContent = error.name === "InvalidStateError" && again ? again : form.dataset.stopped;
      trouble.hidden = false;
      under_way = false;
      button.removeAttribute("aria-busy");
    }
  });
}

async function options(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  // Asked for at the click: a challenge that lies on an open page grows old.
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return (await answer.json()).request_options;
}
