// The desk: pages come from the server, small parts of them are swapped by htmx.
import "@tabler/core/dist/css/tabler.min.css";
import "./css/icons.css";
import "./css/desk.css";
import "./css/split.css";
import "./css/exports.css";
import "./css/finding.css";
import "./css/sheets.css";
import "./css/workbench.css";
import "./css/undo.css";
import "./css/signin.css";
import "./css/casemap.css";
import "./css/nav.css";
import "./css/command.css";
import "./css/bulk.css";
import "./css/papers.css";
import "./css/parts.css";
import "./css/whistles.css";
import "./css/tour.css";
import "./css/views.css";
import "./css/jump.css";
import "./css/inbox.css";
import "./css/levels.css";
import "./css/figures.css";
import "./css/rules.css";
import "./css/teams.css";
import "./css/supervision.css";
import "./css/trust.css";
import "./css/questions.css";
import "./css/handover.css";
import "./css/residents.css";
import "./css/topics.css";
import "./css/phonedesk.css";
import "./css/tasks.css";
import "./css/imports.css";
import "./css/patrol.css";
import "./css/care.css";
import "./css/scores.css";
import "./css/branches.css";
import "./css/neighbours.css";
import "./css/joint.css";
import "./css/platforms.css";
import "./css/duties.css";
import "./css/registers.css";
import "./css/reports.css";
import "./css/surveys.css";
import "./css/process.css";
import "./css/leading.css";

import Alpine from "@alpinejs/csp";
import htmx from "htmx.org";

import { photos } from "./js/photos.js";
import { startBulk } from "./js/bulk.js";
import { startDialogs } from "./js/dialogs.js";
import { startDrafts } from "./js/drafts.js";
import { startEmergencies, startLocating } from "./js/emergencies.js";
import { startEvidence } from "./js/evidence.js";
import { startInbox } from "./js/inbox.js";
import { startJumping } from "./js/jumping.js";
import { startKeys } from "./js/keys.js";
import { startLive } from "./js/live.js";
import { startMaps } from "./js/maps.js";
import { startMenus } from "./js/menus.js";
import { startUndo } from "./js/undo.js";
import { startPresence } from "./js/presence.js";
import { startPhoneDesk } from "./js/phonedesk.js";
import { startPosition } from "./js/position.js";
import { startDeviceAlarms } from "./js/devicealarms.js";
import { startPasskeys } from "./js/passkeys.js";
import { startSplit } from "./js/split.js";
import { startQuestions } from "./js/questions.js";
import { startPrinting } from "./js/printing.js";
import { startResidents } from "./js/residents.js";
import { startTasks } from "./js/tasks.js";
import { startTour } from "./js/tour.js";
import { startViewer } from "./js/viewer.js";
import { startViews } from "./js/views.js";

// The content security policy allows no inline styles and no eval.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.selfRequestsOnly = true;
htmx.config.historyCacheSize = 0; // pages hold personal data: none of it stays in the browser
htmx.config.scrollBehavior = "instant";
htmx.config.defaultSettleDelay = 0; // a form is its own from the moment it is seen: Enter may come at once
htmx.config.attributesToSettle = ["class", "width", "height"]; // the policy forbids to set a style
// A refusal is a form with the reason in it, and is shown like any answer; other errors are not.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.getResponseHeader("X-Sheet")) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

window.htmx = htmx;
window.Alpine = Alpine;
Alpine.data("photos", photos);
Alpine.start();

startMenus();
startBulk(); // before the keys of single cases: with several selected, a letter acts on all
startDialogs(htmx);
startDeviceAlarms();
startDrafts(htmx);
startEvidence(htmx);
startMaps(htmx);
startPasskeys();
startPhoneDesk(htmx);
startPosition();
startPrinting();
startQuestions(htmx);
startViewer();
startUndo();
startViews();
startLive();
startPresence();
startInbox();
startEmergencies();
startLocating();
startSplit(htmx);
startKeys(htmx);
startJumping();
startTour();
startResidents();
startTasks();
document.documentElement.dataset.ready = "1";
