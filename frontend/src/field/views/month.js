// 我的本月: the own score, why it is so, the cases behind each part, and what can still be done. It
// is asked of the server when it is opened; nothing of it stays on the phone.
import { ask, NoAnswer, Refused, SignedOut } from "../api.js";
import { clock, config, empty, h, icon, note, w } from "../dom.js";
import { card } from "../state.js";
import { page } from "./parts.js";

const caseLine = (each, ...more) => {
  const path = card(each.number) ? `${config.home}cases/${each.number}` : `${config.case}${each.number}`;
  return h("li", null, h("a", { href: path, class: "month-case" }, each.name || w("no_item"), " …", each.number.slice(-4)), " ", h("span", { class: "muted" }, each.state, " · ", clock(each.at)), ...more);
};

function part(line) {
  const behind = line.cases.length;
  return h(
    "details",
    { class: "panel", open: line.low && behind > 0 },
    h("summary", null, line.name, h("span", { class: "month-points" }, line.points, line.weight ? ` / ${line.weight}` : "")),
    h("p", null, line.figure),
    h("p", { class: "muted" }, line.why),
    line.hint ? h("p", null, icon("bulb"), " ", line.hint) : null,
    behind ? h("ul", null, line.cases.map((each) => caseLine(each, each.cost ? h("span", { class: "badge-bad" }, w("month_cost")) : null))) : h("p", { class: "muted" }, w("month_no_cases")),
  );
}

function told(data) {
  if (!data.lines) return empty("list-check", w("month_none"));
  return [
    h(
      "section",
      { class: "panel" },
      h("p", { class: "month-score" }, data.score === null ? w("month_no_score") : [h("b", null, data.score), h("span", { class: "badge" }, data.grade)]),
      h("p", { class: "muted" }, icon(data.closed ? "lock" : "clock"), data.closed ? w("month_closed", { at: clock(data.at) }) : w("month_running", { at: clock(data.at) })),
      data.sides.map((sentence) => h("p", null, sentence)),
    ),
    data.vetoed || data.veto ? note("bad", "ban", h("p", null, w("month_veto"), data.veto)) : null,
    data.corrected === null ? null : note("warn", "info-circle", h("p", null, w("month_corrected", { n: data.corrected }))),
    data.closed ? null : [h("h2", null, w("month_to_do")), data.to_do.length ? h("section", { class: "panel" }, h("ul", null, data.to_do.map((each) => caseLine(each, h("div", null, each.what, each.due ? [" · ", h("span", { class: each.late ? "left left-red" : "left" }, w("due_at", { time: clock(each.due) }))] : null))))) : h("p", { class: "muted" }, w("month_nothing_to_do"))],
    h("h2", null, w("month_parts")),
    data.lines.map(part),
    data.rated.length ? [h("h2", null, w("month_rated")), h("section", { class: "panel" }, h("ul", null, data.rated.map((each) => caseLine(each, " ", w("month_right", { n: each.right })))))] : null,
  ];
}

export async function month({ query }) {
  const before = query.has("before");
  const chosen = h("nav", { class: "row", "aria-label": w("month") }, h("a", { class: "btn", href: `${config.home}month`, "aria-current": before ? null : "page" }, w("month_now")), h("a", { class: "btn", href: `${config.home}month?before=1`, "aria-current": before ? "page" : null }, w("month_before")));
  try {
    const data = await ask(`${config.month}${before ? "?before=1" : ""}`, { background: true });
    return { title: w("month"), node: page(`${w("month")} ${data.month}`, chosen, told(data)) };
  } catch (error) {
    if (!(error instanceof NoAnswer || error instanceof Refused || error instanceof SignedOut)) throw error;
    return { title: w("month"), node: page(w("month"), note("warn", "plug", h("p", null, error instanceof NoAnswer ? w("month_offline") : w("month_none")))) };
  }
}
