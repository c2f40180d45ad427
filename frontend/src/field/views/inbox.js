// What one was told. Opening a line counts as having read it, as at the desk.
import { ask } from "../api.js";
import { button, clock, config, empty, h, icon, link, w } from "../dom.js";
import { card, refresh, state } from "../state.js";
import { page } from "./parts.js";

async function read(data) {
  const form = new FormData();
  for (const [name, value] of Object.entries(data)) form.set(name, value);
  await ask(config.read, { form, background: true }).catch(() => {});
  await refresh({ background: true });
}

export function inbox() {
  const { notices, unread } = state.data;
  return {
    title: w("inbox"),
    node: page(
      w("inbox"),
      unread ? button("check", w("all_read"), () => read(notices.length ? { upto: notices[0].id } : {}), { class: "btn btn-wide" }) : null,
      notices.length
        ? h(
            "div",
            { class: "cards" },
            notices.map((each) =>
              h(
                "article",
                { class: `entry${each.read ? "" : " entry-new"}` },
                h("div", { class: "card-head" }, icon(each.alarm ? "urgent" : "bell"), h("h3", null, each.title), each.read ? null : h("span", { class: "badge-bad" }, w("new"))),
                each.body ? h("p", null, each.body) : null,
                h("p", { class: "muted" }, clock(each.at)),
                h(
                  "div",
                  { class: "row" },
                  each.number && card(each.number)
                    ? link(`${config.home}cases/${each.number}`, "eye", w("open_case"), { onclick: () => each.read || read({ notice: each.id }) })
                    : each.number
                      ? link(each.path, "external-link", w("on_desk"))
                      : null,
                  each.read ? null : button("check", w("mark_read"), () => read({ notice: each.id })),
                ),
              ),
            ),
          )
        : empty("bell", w("no_notices")),
      link(config.inbox, "external-link", w("whole_inbox"), { class: "btn btn-wide btn-quiet" }),
    ),
  };
}
inbox.live = true;
