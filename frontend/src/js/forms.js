// Questions with a written definition, as src/huying/forms has them: which are asked, whether an
// answer will do, and how they look. Pure: no page, no server, so the phone has it without signal.
// A test holds it to the letter of the Python.
//
// `sheet` is what the server's forms.rendering.sheet_of makes of a definition (docs/forms.md).

export const PREFIX = "q.";

// --- Conditions ---------------------------------------------------------------------------------

// An answer that the server keeps and the page does not have.
const KEPT = Symbol("kept");

// Null where it hangs on an answer that the page does not have.
export function holds(test, answers) {
  if (test === undefined || test === null) return true;
  const [verb, ...rest] = test;
  if (verb === "and" || verb === "or") {
    const found = rest.map((each) => holds(each, answers));
    const settles = verb === "or";
    if (found.includes(settles)) return settles;
    return found.includes(null) ? null : !settles;
  }
  if (verb === "not") {
    const found = holds(rest[0], answers);
    return found === null ? null : !found;
  }
  const answer = Object.hasOwn(answers, rest[0]) ? answers[rest[0]] : undefined;
  if (verb === "answered") return answer !== undefined;
  if (answer === KEPT) return null;
  if (verb === "in") return rest[1].some((each) => equal(answer, each));
  if (verb === "=") return equal(answer, rest[1]);
  return ordered(answer, verb, rest[1]);
}

function equal(answer, value) {
  return Array.isArray(answer) ? answer.includes(value) : answer === value;
}

function ordered(answer, verb, value) {
  if (typeof answer !== typeof value || !["number", "string"].includes(typeof answer)) return false;
  if (verb === ">") return answer > value;
  if (verb === ">=") return answer >= value;
  return verb === "<" ? answer < value : answer <= value;
}

// --- Answers ------------------------------------------------------------------------------------

const LONGEST = { text: 200, long_text: 5000 };
const MOST_PHOTOS = 9;
const NUMBER = /^-?[0-9]{1,15}(?:\.[0-9]{1,4})?$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

class Wrong extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

// The answers that will do, the code of each trouble, and the ids of what is asked, in order.
// What may be asked is shown; that it is needed only the server can say then.
export function check(sheet, given) {
  const answers = {};
  const known = {};
  const troubles = {};
  const asked = [];
  let underHeading = true;
  for (const row of sheet.questions) {
    if (row.kind === "section") {
      underHeading = holds(row.test, known);
      if (underHeading !== false) asked.push(row.id);
      continue;
    }
    const here = underHeading === false ? false : holds(row.test, known);
    if (here === false) continue;
    const sure = underHeading && here;
    asked.push(row.id);
    try {
      const answer = read(row, Object.hasOwn(given, row.id) ? given[row.id] : null);
      if (answer !== null) known[row.id] = answers[row.id] = answer;
      else if (row.kept) known[row.id] = KEPT;
      else if (row.required && sure) troubles[row.id] = "needed";
    } catch (wrong) {
      if (!(wrong instanceof Wrong)) throw wrong;
      troubles[row.id] = wrong.code;
    }
  }
  return { answers, troubles, asked };
}

// Why an answer will not do, in the words that came with the sheet.
export function sentence(sheet, id, code) {
  const row = sheet.questions.find((each) => each.id === id);
  const most = { too_large: row.max, too_long: LONGEST[row.kind], too_many: MOST_PHOTOS }[code];
  return sheet.words.troubles[code].replace("%(least)s", row.min).replace("%(most)s", most);
}

function empty(given) {
  if (given === null || given === undefined || given === "") return true;
  return typeof given === "object" && Object.keys(given).length === 0;
}

function read(row, given) {
  if (typeof given === "string") {
    given = given.replace(/\r\n/g, "\n").replace(/^[ \t\r\n\u00a0\u3000]+|[ \t\r\n\u00a0\u3000]+$/g, "");
  }
  return empty(given) ? null : READERS[row.kind](row, given);
}

function need(will, code) {
  if (!will) throw new Wrong(code);
}

function text(row, given) {
  need(typeof given === "string", "not_text");
  need(!/[\0\ud800-\udfff]/u.test(given), "not_kept");
  need([...given].length <= LONGEST[row.kind], "too_long");
  return given;
}

function number(row, given) {
  need(typeof given === "string" || typeof given === "number", "not_number");
  const said = typeof given === "string" ? given.normalize("NFKC") : String(given);
  const plain = said.endsWith(".0") ? said.slice(0, -2) : said;
  need(NUMBER.test(plain), "not_number");
  const value = Number(plain) + 0;
  need(!row.whole || Number.isInteger(value), "not_whole");
  need(row.min === null || value >= row.min, "too_small");
  need(row.max === null || value <= row.max, "too_large");
  return value;
}

export function isDate(said) {
  const found = /^((?:19|20|21)[0-9]{2})-([0-9]{2})-([0-9]{2})$/.exec(said);
  if (!found) return false;
  const [year, month, day] = found.slice(1).map(Number);
  const made = new Date(Date.UTC(year, month - 1, day));
  return made.getUTCMonth() === month - 1 && made.getUTCDate() === day;
}

function several(row, given) {
  const chosen = typeof given === "string" ? [given] : given;
  const values = row.choices.map((each) => each.value);
  need(Array.isArray(chosen) && chosen.every((each) => values.includes(each)), "not_choice");
  return values.filter((value) => chosen.includes(value));
}

function photo(row, given) {
  const ids = typeof given === "string" ? [given] : given;
  const good = Array.isArray(ids) && ids.every((each) => typeof each === "string" && UUID.test(each));
  need(good, "not_photo");
  need(ids.length <= MOST_PHOTOS, "too_many");
  return [...new Set(ids)];
}

function position(row, given) {
  need(typeof given === "object" && !Array.isArray(given), "not_position");
  need(Object.keys(given).every((key) => key === "lon" || key === "lat"), "not_position");
  const blank = (said) => said === undefined || said === null || said === "";
  if (blank(given.lon) && blank(given.lat)) return null;
  return { lon: degrees(given.lon, 180), lat: degrees(given.lat, 90) };
}

function degrees(given, most) {
  const value =
    typeof given === "string" && /^-?[0-9]{1,3}(\.[0-9]{1,20})?$/.test(given) ? Number(given) : given;
  need(typeof value === "number" && value >= -most && value <= most, "not_position");
  return value;
}

function phone(row, given) {
  const plain = typeof given === "string" ? given.replace(/[ \t\-()（）—]/g, "") : "";
  need(/^\+?[0-9]{5,20}$/.test(plain), "not_phone");
  return plain;
}

function idNumber(row, given) {
  const plain = typeof given === "string" ? given.replace(/[ -]/g, "").toUpperCase() : "";
  need(/^[0-9]{17}[0-9X]$/.test(plain), "not_id_number");
  const rest = WEIGHTS.reduce((sum, weight, at) => sum + weight * Number(plain[at]), 0) % 11;
  const born = `${plain.slice(6, 10)}-${plain.slice(10, 12)}-${plain.slice(12, 14)}`;
  need(plain[17] === "10X98765432"[rest] && isDate(born), "not_id_number");
  return plain;
}

const READERS = {
  text,
  long_text: text,
  number,
  date(row, given) {
    need(typeof given === "string" && isDate(given), "not_date");
    return given;
  },
  time(row, given) {
    need(typeof given === "string" && /^([01][0-9]|2[0-3]):[0-5][0-9]$/.test(given), "not_time");
    return given;
  },
  yes_no(row, given) {
    if (typeof given === "boolean") return given;
    need(given === "yes" || given === "no", "not_yes_no");
    return given === "yes";
  },
  one_of(row, given) {
    need(typeof given === "string" && row.choices.some((each) => each.value === given), "not_choice");
    return given;
  },
  several_of: several,
  photo,
  position,
  phone,
  id_number: idNumber,
};

// --- Looks --------------------------------------------------------------------------------------

const MARKS = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;" };
const e = (said) => String(said).replace(/[&<>"']/g, (mark) => MARKS[mark]);
const GROUPS = ["yes_no", "one_of", "several_of", "position"];
const TYPES = { text: "text", date: "date", time: "time", phone: "tel", id_number: "text" };

// The questions as fields, with what was given and why it will not do (sentences by id).
export function html(sheet, given = {}, troubles = {}) {
  const own = (from, id) => (Object.hasOwn(from, id) ? from[id] : null);
  return sheet.questions
    .map((row) =>
      row.kind === "section"
        ? heading(row)
        : question(row, own(given, row.id), own(troubles, row.id), sheet.words),
    )
    .join("");
}

const when = (row) => (row.when ? `<div class="form-hint q-when">${e(row.when)}</div>` : "");

function heading(row) {
  const help = row.help ? `<p class="form-hint">${e(row.help)}</p>` : "";
  return `<div class="q-section" data-question="${row.id}"><h3>${e(row.label)}</h3>${when(row)}${help}</div>`;
}

function question(row, given, trouble, words) {
  const name = PREFIX + row.id;
  const need = row.required ? ` <span class="need">${e(words.needed)}</span>` : "";
  const described = [];
  let after = "";
  if (row.sensitive || row.help) {
    const hint = [row.help, row.sensitive ? words.masked : ""].filter(Boolean).join(" ");
    described.push(`hint-${name}`);
    after += `<div class="form-hint" id="hint-${name}">${e(hint)}</div>`;
  }
  if (trouble) {
    described.push(`bad-${name}`);
    after += `<div class="field-bad" id="bad-${name}">${e(trouble)}</div>`;
  }
  let attrs = described.length ? ` aria-describedby="${described.join(" ")}"` : "";
  if (trouble) attrs += ' aria-invalid="true"';
  const body = (FIELDS[row.kind] ?? line)(row, name, given, attrs, words);
  const start = `class="field q" data-question="${row.id}"`;
  const label = `${e(row.label)}${need}`;
  return GROUPS.includes(row.kind)
    ? `<fieldset ${start}${attrs}><legend class="form-label">${label}</legend>${when(row)}${body}${after}</fieldset>`
    : `<div ${start}><label class="form-label" for="${name}">${label}</label>${when(row)}${body}${after}</div>`;
}

function plain(given) {
  return typeof given === "string" || typeof given === "number" ? String(given) : "";
}

const hushed = (row) => (row.sensitive ? ' data-no-draft="" autocomplete="off"' : "");

function line(row, name, given, attrs) {
  return (
    `<input class="form-control" type="${TYPES[row.kind]}" name="${name}" id="${name}"` +
    ` value="${e(plain(given))}"${attrs}${hushed(row)}>`
  );
}

function choice(kind, name, value, label, chosen) {
  const checked = chosen ? " checked" : "";
  return `<label class="pick"><input type="${kind}" name="${name}" value="${e(value)}"${checked}><span class="chip">${e(label)}</span></label>`;
}

// A way back from a choice that need not be made.
const none = (row, name, words) => (row.required ? "" : choice("radio", name, "", words.none, false));

function choices(row, name, given, attrs, words) {
  const one = row.kind === "one_of";
  const chosen = Array.isArray(given) ? given : [given];
  const kind = one ? "radio" : "checkbox";
  const all = row.choices.map((c) => choice(kind, name, c.value, c.label, chosen.includes(c.value)));
  return `<div class="chip-row">${all.join("")}${one ? none(row, name, words) : ""}</div>`;
}

const FIELDS = {
  long_text: (row, name, given, attrs) =>
    `<textarea class="form-control" rows="3" name="${name}" id="${name}"${attrs}${hushed(row)}>\n${e(plain(given))}</textarea>`,
  number(row, name, given, attrs) {
    const unit = row.unit ? `<span class="q-unit">${e(row.unit)}</span>` : "";
    const mode = row.whole ? "numeric" : "decimal";
    return (
      `<div class="q-number"><input class="form-control" type="text" inputmode="${mode}"` +
      ` name="${name}" id="${name}" value="${e(plain(given))}"${attrs}>${unit}</div>`
    );
  },
  yes_no: (row, name, given, attrs, words) =>
    '<div class="chip-row">' +
    choice("radio", name, "yes", words.yes, given === true || given === "yes") +
    choice("radio", name, "no", words.no, given === false || given === "no") +
    `${none(row, name, words)}</div>`,
  one_of: choices,
  several_of: choices,
  photo(row, name, given, attrs) {
    const kept = Array.isArray(given) ? given : given ? [given] : [];
    const held = kept.map((each) => `<input type="hidden" name="${name}" value="${e(plain(each))}">`);
    return (
      `${held.join("")}<input class="form-control" type="file" accept="image/jpeg,image/png,image/webp"` +
      ` multiple name="file_${name}" id="${name}"${attrs}>`
    );
  },
  position(row, name, given, attrs, words) {
    const held = given && typeof given === "object" && !Array.isArray(given) ? given : {};
    const part = (key) =>
      `<label>${e(words[key])} <input class="form-control" type="text" inputmode="decimal"` +
      ` name="${name}.${key}" value="${e(plain(held[key]))}"></label>`;
    return `<div class="q-position">${part("lon")}${part("lat")}</div>`;
  },
};
