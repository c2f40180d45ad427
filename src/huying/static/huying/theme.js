// Before anything is painted: night or day, as chosen here, else as the system has it.
(function () {
  var root = document.documentElement;
  var chosen = null;
  try { chosen = localStorage.getItem("huying.theme"); } catch (e) { /* storage is off */ }
  var dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.setAttribute("data-bs-theme", dark ? "dark" : "light");
})();
