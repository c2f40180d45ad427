// Photos go up one by one as they are chosen, each with its progress; the form then only names
// them. Without scripts the file input itself is sent with the form.

import { words } from "./menus.js";

const LONGEST_SIDE = 2560;

export function photos() {
  return {
    shots: [],
    over: false,

    init() {
      this.kind = this.$root.dataset.kind;
      this.name = this.$root.dataset.name;
      this.input = this.$root.querySelector("input[type=file]");
      this.input.removeAttribute("name"); // sent already, one by one
      this.form = this.$root.closest("form");
      // The browser's own button speaks the browser's language; the label over it speaks ours.
      this.input.className = "away";
      this.$root.querySelector("[data-pick]").hidden = false;
      const kept = this.$root.querySelector("script[type='application/json']");
      for (const shot of kept ? JSON.parse(kept.textContent) : []) {
        this.shots.push({ ...shot, done: true, sent: 100, bad: "" });
      }
    },
    chosen() {
      for (const file of this.input.files) this.send(file);
      this.input.value = "";
    },
    dropped(event) {
      this.over = false;
      for (const file of event.dataTransfer.files) this.send(file);
    },
    enter() {
      this.over = true;
    },
    leave() {
      this.over = false;
    },
    drop(shot) {
      this.shots = this.shots.filter((other) => other.key !== shot.key);
      this.told();
    },
    async send(file) {
      const key = `${file.name}-${file.lastModified}-${Math.random()}`;
      this.shots.push({ key, id: "", name: file.name, src: URL.createObjectURL(file), sent: 0, done: false, bad: "" });
      const shot = this.shots.find((other) => other.key === key);
      const body = new FormData();
      body.append("photo", await smaller(file), file.name);
      body.append("kind", this.kind);
      const request = new XMLHttpRequest();
      request.open("POST", this.$root.dataset.to);
      request.setRequestHeader("X-CSRFToken", this.form.elements.csrfmiddlewaretoken.value);
      request.setRequestHeader("Accept", "application/json");
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) shot.sent = Math.round((event.loaded / event.total) * 100);
      });
      request.addEventListener("load", () => {
        let answer = {};
        try {
          answer = JSON.parse(request.responseText);
        } catch {
          // a page instead of an answer: signed out, or a proxy's refusal
        }
        if (request.status === 201) {
          shot.id = answer.id;
          shot.done = true;
          shot.sent = 100;
          this.told();
        } else {
          shot.bad = answer.detail || words("upload-failed");
        }
      });
      request.addEventListener("error", () => {
        shot.bad = words("upload-failed");
      });
      request.send(body);
    },
    // Whoever shows what evidence is still missing listens.
    told() {
      this.$nextTick(() => this.form.dispatchEvent(new CustomEvent("huying:photos", { bubbles: true })));
    },
  };
}

// A phone's 12 million pixels are made smaller here already; the server does it again.
async function smaller(file) {
  if (!file.type.startsWith("image/") || file.size < 1_500_000) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = new OffscreenCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return await canvas.convertToBlob({ type: "image/jpeg", quality: 0.88 });
  } catch {
    return file;
  }
}
