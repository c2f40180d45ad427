// What stands on the map of cases, painted on a canvas. No colour stands alone: each light has its
// own shape and sign, an emergency its own tag, and numbers say what they count.

import L from "leaflet";

import { words } from "./menus.js";

// Nothing to press is smaller than 24 px, however small it looks.
const REACH = 12;

const SHAPES = {
  red: { corners: 8, turn: Math.PI / 8 },
  yellow: { corners: 3, turn: -Math.PI / 2, larger: 2 },
  green: { corners: 0 },
  grey: { corners: 4, turn: Math.PI / 4, larger: 2 },
  "": { corners: 0 },
};

export function colours(place) {
  const style = getComputedStyle(place);
  const of = (name) => style.getPropertyValue(name).trim();
  return {
    ink: of("--ink"),
    faint: of("--ink-2"),
    paper: of("--paper"),
    line: of("--line"),
    link: of("--tblr-link-color"),
    red: of("--red"),
    redBg: of("--red-bg"),
    yellow: of("--yellow"),
    green: of("--green"),
    grey: of("--grey"),
    "": of("--grey"),
    alarm: "#a8231b",
    font: style.fontFamily,
  };
}

export function paintCase(ctx, x, y, { light, emergency }, colour) {
  const radius = emergency ? 10 : 8;
  const shape = SHAPES[light] ?? SHAPES[""];
  ctx.save();
  ctx.translate(x, y);
  ctx.lineJoin = "round";
  outline(ctx, shape, radius + (shape.larger ?? 0));
  ctx.fillStyle = light ? colour[light] : colour.paper;
  ctx.strokeStyle = light ? colour.paper : colour.grey;
  ctx.lineWidth = 2;
  ctx.fill();
  ctx.stroke();
  ctx.strokeStyle = ctx.fillStyle = colour.paper;
  if (light === "red" || light === "yellow") {
    const low = light === "yellow" ? 1 : 0;
    ctx.fillRect(-1, -4.5 + low, 2, 5.5);
    ctx.fillRect(-1, 2.5 + low, 2, 2);
  } else if (light === "green") {
    ctx.beginPath();
    ctx.moveTo(-3.5, 0);
    ctx.lineTo(-1, 2.5);
    ctx.lineTo(3.5, -2.5);
    ctx.stroke();
  } else if (light === "grey") {
    ctx.fillRect(-3, -3.5, 2, 7);
    ctx.fillRect(1, -3.5, 2, 7);
  }
  if (emergency) paintAlarm(ctx, colour);
  ctx.restore();
}

function outline(ctx, { corners, turn }, radius) {
  ctx.beginPath();
  if (!corners) ctx.arc(0, 0, radius, 0, 2 * Math.PI);
  for (let corner = 0; corner < corners; corner += 1) {
    const angle = turn + (2 * Math.PI * corner) / corners;
    ctx.lineTo(radius * Math.cos(angle), radius * Math.sin(angle));
  }
  ctx.closePath();
}

function paintAlarm(ctx, colour) {
  ctx.beginPath();
  ctx.arc(0, 0, 13, 0, 2 * Math.PI);
  ctx.strokeStyle = colour.alarm;
  ctx.lineWidth = 2.5;
  ctx.stroke();
  pill(ctx, 4, -19, words("map-emergency-mark"), colour.alarm, "#fff", colour, "bold 11px ");
}

// A word on its ground; gives its width.
function pill(ctx, x, y, text, ground, ink, colour, font) {
  ctx.font = font + colour.font;
  const width = ctx.measureText(text).width + 8;
  ctx.beginPath();
  ctx.roundRect(x, y, width, 15, 4);
  ctx.fillStyle = ground;
  ctx.fill();
  ctx.fillStyle = ink;
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  ctx.fillText(text, x + 4, y + 8);
  return width;
}

const NAME = "12px ";
const TOTAL = "bold 15px ";
const CHIP = "bold 11px ";

// How the numbers of an area are laid out; measured once, painted often.
export function layOut(ctx, area, colour) {
  const chips = [
    area.emergencies && [`${words("map-emergency-mark")} ${area.emergencies}`, colour.alarm, "#fff"],
    area.overdue && [`${words("map-late-mark")} ${area.overdue}`, colour.redBg, colour.red],
  ].filter(Boolean);
  ctx.font = NAME + colour.font;
  const name = ctx.measureText(area.name).width;
  ctx.font = TOTAL + colour.font;
  const total = ctx.measureText(String(area.n)).width;
  ctx.font = CHIP + colour.font;
  const below = chips.reduce((sum, [text]) => sum + ctx.measureText(text).width + 12, -4);
  return { chips, name, width: Math.max(name + total + 6, below, 20) + 14, height: chips.length ? 44 : 26 };
}

export function paintArea(ctx, x, y, area, { chips, name, width, height }, colour) {
  const [left, top] = [x - width / 2, y - height / 2];
  ctx.save();
  ctx.beginPath();
  ctx.roundRect(left, top, width, height, 6);
  ctx.fillStyle = colour.paper;
  ctx.fill();
  ctx.strokeStyle = area.emergencies ? colour.alarm : area.overdue ? colour.red : colour.link;
  ctx.lineWidth = area.emergencies || area.overdue ? 2 : 1.25;
  ctx.stroke();
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  ctx.fillStyle = colour.faint;
  ctx.font = NAME + colour.font;
  ctx.fillText(area.name, left + 7, top + 13);
  ctx.fillStyle = colour.ink;
  ctx.font = TOTAL + colour.font;
  ctx.fillText(String(area.n), left + 7 + name + 6, top + 13);
  let at = left + 7;
  for (const [text, ground, ink] of chips) at += pill(ctx, at, top + 24, text, ground, ink, colour, CHIP) + 4;
  ctx.restore();
}

export function paintName(ctx, x, y, text, colour) {
  ctx.save();
  ctx.font = NAME + colour.font;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillStyle = colour.faint;
  ctx.fillText(text, x, y);
  ctx.restore();
}

// A mark on Leaflet's canvas that paints itself. `paint` gets the canvas and a point of it.
export const Mark = L.CircleMarker.extend({
  options: { half: [REACH, REACH], paint: null },
  _updateBounds() {
    const half = L.point(this.options.half).add([2, 2]);
    this._pxBounds = new L.Bounds(this._point.subtract(half), this._point.add(half));
  },
  _updatePath() {
    if (this._renderer._drawing) this.options.paint(this._renderer._ctx, this._point.x, this._point.y);
  },
  _containsPoint(point) {
    const [x, y] = this.options.half;
    return Math.abs(point.x - this._point.x) <= Math.max(x, REACH) && Math.abs(point.y - this._point.y) <= Math.max(y, REACH);
  },
});
