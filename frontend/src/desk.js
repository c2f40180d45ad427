// The desk: pages from the server, small parts of them swapped by htmx, state by Alpine.
import "@tabler/core/dist/css/tabler.min.css";
import "leaflet/dist/leaflet.css";
import "./desk.css";

import Alpine from "@alpinejs/csp";
import htmx from "htmx.org";

// The content security policy allows no inline styles and no eval.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.selfRequestsOnly = true;

window.htmx = htmx;
window.Alpine = Alpine;
Alpine.start();
