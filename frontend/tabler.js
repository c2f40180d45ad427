// What the pages use of Tabler's style sheet: a seventh of it. A browser asks every rule with :has()
// anew about each change of a page, and old computers read 635 kB of rules before they draw.
//
// used.json has the names of Tabler's classes and data attributes that occur in the templates, the
// Python code or the scripts, wherever that be (hatch_build.py writes it). A selector goes if what
// it needs is not among them; what stands in :not(), :is(), :where() or :has() is not asked about,
// and elements and states always stay.
import { existsSync, readFileSync } from "node:fs";

const USED = new URL("used.json", import.meta.url);

function needed(selector) {
  let outer = selector;
  for (let before; before !== outer; ) {
    before = outer;
    outer = outer.replace(/\([^()]*\)/g, "");
  }
  // [class^="bg-"] names no class.
  return [...outer.replace(/\[class[^\]]*\]/g, "").matchAll(/\.([A-Za-z][\w-]*)|\[(data-[\w-]+)/g)].map(([, name, attribute]) => name ?? attribute);
}

// A plugin of PostCSS.
export function onlyWhatIsUsed() {
  const used = existsSync(USED) && new Set(JSON.parse(readFileSync(USED, "utf8")));
  return {
    postcssPlugin: "only-what-is-used",
    Once(sheet) {
      if (!used || !sheet.source.input.file?.includes("@tabler/core")) return;
      sheet.walkRules((rule) => {
        if (/keyframes$/.test(rule.parent.name)) return;
        const kept = rule.selectors.filter((selector) => needed(selector).every((name) => used.has(name)));
        if (!kept.length) rule.remove();
        else if (kept.length < rule.selectors.length) rule.selectors = kept;
      });
    },
  };
}
