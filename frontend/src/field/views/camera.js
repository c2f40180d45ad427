// The camera as this phone has it: a file input outside of all views, so that what was taken is
// there for the view that opens meanwhile.

const input = document.getElementById("camera");
let waiting = [];
let taker = null;

input.addEventListener("change", () => {
  waiting.push(...input.files);
  input.value = "";
  hand();
});

async function hand() {
  while (taker && waiting.length) await taker(waiting.shift());
}

export const camera = {
  open({ album = false } = {}) {
    if (album === true) input.removeAttribute("capture");
    else input.setAttribute("capture", "environment");
    input.click();
  },
  // What is taken goes to the view that is open, also what was taken just before it opened.
  to(take) {
    taker = take;
    hand();
    return () => {
      if (taker === take) taker = null;
      waiting = [];
    };
  },
};
