// The bar that offers to undo counts down and goes when its time is over. The server has the last
// word: without scripts the button stays, and says that it is too late.

export function startUndo(root = document) {
  for (const bar of root.querySelectorAll("[data-undo]")) countDown(bar);
}

function countDown(bar) {
  const ends = performance.now() + Number(bar.dataset.undo) * 1000;
  const line = bar.querySelector("[data-undo-left]");
  const timer = setInterval(() => {
    const left = Math.ceil((ends - performance.now()) / 1000);
    line.textContent = String(Math.max(left, 0));
    if (left > 0) return;
    clearInterval(timer);
    const focused = bar.contains(document.activeElement);
    bar.remove();
    if (focused) document.getElementById("main")?.focus();
  }, 250);
}
