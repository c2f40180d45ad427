// One bundle for each place where people work: desk, field and wall.
// The files carry their hash in their name; manifest.json tells the templates which is which
// (see src/huying/templatetags/assets.py).
import { defineConfig } from "vite";

import { onlyWhatIsUsed } from "./tabler.js";

export default defineConfig({
  // Relative, so that fonts and images are found under whatever /static/ is.
  base: "./",
  css: { postcss: { plugins: [onlyWhatIsUsed()] } },
  build: {
    outDir: "../src/huying/static/huying/dist",
    emptyOutDir: true,
    manifest: "manifest.json",
    // The content security policy allows no data: fonts or styles; icons are masks, which are
    // images, and fifty of them are one request less each inside the style sheet.
    assetsInlineLimit: (file) => file.includes("@tabler/icons"),
    modulePreload: { polyfill: false },
    sourcemap: false,
    // The phones in the field are up to four years old; older ones know masks by another name.
    target: ["chrome107", "edge107", "firefox106", "safari15.6"],
    rollupOptions: {
      input: { desk: "src/desk.js", field: "src/field/main.js", wall: "src/wall/main.js" },
      onwarn(warning, warn) {
        // htmx has an eval; the entries switch it off (allowEval) and the policy forbids it.
        if (warning.code === "EVAL" && warning.id?.includes("htmx.org")) return;
        warn(warning);
      },
    },
  },
});
