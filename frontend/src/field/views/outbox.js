// What waits to be sent, what came of it, and what the server has against it.
import { button, clock, config, empty, h, icon, link, w } from "../dom.js";
import { drop, insist, isOpen, pump, takeUp } from "../queue.js";
import { me } from "../state.js";
import { page, stateOf } from "./parts.js";

export function outbox({ all }) {
  const mine = all.filter((entry) => entry.account === me()?.account).reverse();
  const others = all.filter((entry) => entry.account !== me()?.account && isOpen(entry)).length;
  const open = mine.filter(isOpen);
  const ended = mine.filter((entry) => !isOpen(entry)).slice(0, 50);
  return {
    title: w("outbox"),
    node: page(
      w("outbox"),
      h("p", { class: "hint" }, w("outbox_hint")),
      open.length ? button("send", w("send_now"), () => pump({ now: true }), { class: "btn btn-wide btn-main", data: { at: "send" } }) : null,
      others ? h("p", { class: "as-of" }, icon("lock"), w("others_wait", { n: others })) : null,
      open.length ? h("div", { class: "cards" }, open.map(entryOf)) : empty("circle-check", w("nothing_waits")),
      ended.length ? [h("h2", null, w("sent_lately")), h("div", { class: "cards" }, ended.map(entryOf))] : null,
    ),
  };
}
outbox.live = true;

export function entryOf(entry) {
  const { reason } = entry;
  const mendable = entry.state === "refused" || entry.state === "conflict";
  const where = entry.path ? `${config.home}${entry.back}?mend=${entry.n}` : entry.verb === "report" ? `${config.home}${entry.settles ? "settle" : "report"}?mend=${entry.n}` : `${config.home}cases/${entry.number}/${entry.verb}?mend=${entry.n}`;
  return h(
    "article",
    { class: `entry entry-${entry.state}`, data: { entry: entry.n, state: entry.state, key: entry.key } },
    h("div", { class: "card-head" }, stateOf(entry), h("span", { class: "muted" }, clock(entry.made_at))),
    h("h3", null, entry.title),
    entry.words ? h("p", { class: "clamp" }, entry.words) : null,
    entry.number ? h("p", { class: "muted" }, w("case_n", { number: entry.number })) : null,
    entry.photos.length ? h("p", { class: "muted" }, icon("photo"), w("photos_sent", { sent: entry.photos.filter((photo) => photo.id).length, n: entry.photos.length })) : null,
    entry.state === "waiting" && entry.tries ? h("p", { class: "muted" }, w("tried", { n: entry.tries })) : null,
    reason ? h("p", { class: "reason" }, reason.words) : null,
    reason?.since?.length ? h("ul", { class: "since" }, reason.since.map((event) => h("li", null, h("b", null, event.label), ` ${event.by} ${clock(event.at)}`, event.words ? h("p", null, event.words) : null))) : null,
    h(
      "div",
      { class: "row" },
      mendable ? link(where, "pencil", w("mend"), { class: "btn btn-main" }) : null,
      entry.state === "conflict" && reason?.last_seq ? button("send", w("send_anyway"), () => insist(entry)) : null,
      mendable ? button("trash", w("give_up"), () => confirm(w("give_up_sure")) && drop(entry.n)) : null,
      entry.state === "dropped" ? button("rotate", w("take_up"), () => takeUp(entry.n)) : null,
      entry.state === "delivered" && entry.number ? link(`${config.home}cases/${entry.number}`, "eye", w("open_case")) : null,
    ),
  );
}
