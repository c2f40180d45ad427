// Photos: made small on the phone, with the moment and the place at which they were taken. The copy
// that is sent carries a band below the picture that says both; the picture itself is whole.
import { clock, w } from "./dom.js";
import { here } from "./place.js";

const SIDE = 1600;
const QUALITY = 0.82;
const BAND_LINES = 2;
const RECENT_MS = 86400000;

async function drawn(blob) {
  const url = URL.createObjectURL(blob);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    return image;
  } finally {
    URL.revokeObjectURL(url);
  }
}

async function encoded(canvas) {
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  if (!blob) throw new Error("no picture");
  // Bytes, not a blob: some browsers lose the file behind a blob that they keep.
  return blob.arrayBuffer();
}

function canvasOf(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

// A picture from the camera or the album, at most 1600 pixels wide or high, without its EXIF.
export async function taken(file, kind) {
  const image = await drawn(file);
  const scale = Math.min(1, SIDE / Math.max(image.naturalWidth, image.naturalHeight));
  const canvas = canvasOf(Math.max(1, Math.round(image.naturalWidth * scale)), Math.max(1, Math.round(image.naturalHeight * scale)));
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  const recent = file.lastModified && Date.now() - file.lastModified < RECENT_MS;
  return {
    kind,
    bytes: await encoded(canvas),
    taken_at: new Date(recent ? file.lastModified : Date.now()).toISOString(),
    place: recent ? here() : null,
  };
}

// The copy for evidence: when, where, which case, which office. Never a person.
export async function marked(photo, { where, number, office }) {
  if (photo.marked) return photo;
  const image = await drawn(new Blob([photo.bytes], { type: "image/jpeg" }));
  const { naturalWidth: width, naturalHeight: height } = image;
  const size = Math.max(11, Math.round(width / 42));
  const band = Math.round(size * 1.5) * BAND_LINES + size;
  const canvas = canvasOf(width, height + band);
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  pen.fillStyle = "#10161d";
  pen.fillRect(0, height, width, band);
  pen.fillStyle = "#ffffff";
  pen.font = `${size}px system-ui, "PingFang SC", "Noto Sans CJK SC", sans-serif`;
  pen.textBaseline = "top";
  const spot = photo.place ? `${photo.place.lon.toFixed(5)}, ${photo.place.lat.toFixed(5)}` : w("no_position");
  const lines = [`${new Date(photo.taken_at).getFullYear()}-${clock(photo.taken_at)}  ${where}  ${spot}`, `${number || w("report_mark")}  ${office}`];
  lines.forEach((line, at) => pen.fillText(line, size * 0.6, height + size * 0.6 + at * size * 1.5, width - size * 1.2));
  return { ...photo, bytes: await encoded(canvas), marked: true };
}

export const shown = (photo) => URL.createObjectURL(new Blob([photo.bytes], { type: "image/jpeg" }));
