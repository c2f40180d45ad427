// Oneself: on duty or not, how the app looks, which post, and the way out.
import { ask } from "../api.js";
import { announce, button, clock, config, h, icon, link, note, w } from "../dom.js";
import { entries, isOpen } from "../queue.js";
import { clear, me, refresh, state } from "../state.js";
import { renew } from "../updating.js";
import { page } from "./parts.js";

const LOOKS = ["large", "outdoor"];

const chosen = (name) => localStorage.getItem(`huying.field.${name}`) === "1";

export function useLook() {
  for (const name of LOOKS) document.documentElement.toggleAttribute(`data-${name}`, chosen(name));
}

function toggle(name, words, hint) {
  return h(
    "label",
    { class: "switch" },
    h("span", null, h("b", null, words), h("small", null, hint)),
    h("input", {
      type: "checkbox",
      role: "switch",
      checked: chosen(name),
      onchange: (event) => {
        localStorage.setItem(`huying.field.${name}`, event.target.checked ? "1" : "0");
        useLook();
      },
    }),
  );
}

async function send(path, values = {}) {
  const form = new FormData();
  for (const [name, value] of Object.entries(values)) form.set(name, value);
  try {
    await ask(path, { form });
  } catch {
    // These pages answer with a redirect, which is as good as done.
  }
}

function duty() {
  const turns = state.data?.turns ?? [];
  const press = (path) => async () => {
    await send(path);
    await refresh();
  };
  return h(
    "section",
    { class: "panel" },
    h("h2", null, w("duty")),
    turns.length
      ? turns.map((turn) =>
          h(
            "div",
            { class: "turn" },
            h("p", null, h("b", null, turn.team), ` ${clock(turn.from)} – ${clock(turn.until)}`),
            h("p", { class: "muted" }, w(`duty_${turn.standing}`)),
            turn.standing === "expected" ? button("run", w("come"), press(turn.come), { class: "btn btn-wide btn-main" }) : null,
            turn.standing === "present" ? button("logout", w("go_off"), press(turn.go), { class: "btn btn-wide" }) : null,
          ),
        )
      : h("p", { class: "muted" }, w("no_turn")),
  );
}

async function signOut() {
  // The session ends at the server: without a connection only the phone would forget.
  if (!state.online) return announce(w("sign_out_online"));
  const open = (await entries()).filter((entry) => isOpen(entry) && entry.account === me()?.account).length;
  if (open && !confirm(w("sign_out_waiting", { n: open }))) return undefined;
  state.leaving = true;
  await clear();
  await send(config.logout);
  location.replace(config.login);
  return undefined;
}

async function speak(language) {
  await send(config.language, { language });
  await renew();
  location.reload();
}

export function mine() {
  const who = me();
  const other = document.documentElement.lang === "en" ? ["zh-hans", "中文"] : ["en", "English"];
  return {
    title: w("me"),
    node: page(
      w("me"),
      who ? h("section", { class: "panel" }, h("h2", null, who.name), h("p", null, `${who.role_word} · ${who.area_name}`), who.office === who.area_name ? null : h("p", { class: "muted" }, who.office)) : null,
      who?.posts.length > 1
        ? h(
            "section",
            { class: "panel" },
            h("h2", null, w("my_posts")),
            who.posts.map(([pk, words]) =>
              pk === who.post
                ? h("p", { class: "post-now" }, icon("check"), words)
                : button("switch-horizontal", words, async () => {
                    await send(config.post, { post: pk, next: config.home });
                    await refresh();
                    announce(w("post_changed"));
                  }, { class: "btn btn-wide" }),
            ),
          )
        : null,
      who ? duty() : null,
      h("section", { class: "panel" }, h("h2", null, w("look")), toggle("large", w("large"), w("large_hint")), toggle("outdoor", w("outdoor"), w("outdoor_hint"))),
      h(
        "section",
        { class: "panel stack" },
        button("language", other[1], () => speak(other[0]), { class: "btn btn-wide", lang: other[0] === "en" ? "en" : "zh-Hans" }),
        link(config.desk, "external-link", w("desk"), { class: "btn btn-wide" }),
        who ? button("logout", w("sign_out"), signOut, { class: "btn btn-wide" }) : null,
      ),
      h("p", { class: "muted" }, w("version", { version: config.version })),
      window.isSecureContext ? null : note("warn", "alert-triangle", h("p", null, w("not_secure"))),
    ),
  };
}
mine.live = true;
