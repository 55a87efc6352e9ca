/**
 * Draws what is painted on an image: strokes `{ points, size, erase }` and areas `{ left, top, width, height }`, all as parts of
 * the image's width and height (a brush: of its longer side), so that they can be drawn at any size; in their own `color`.
 */
export function drawMarks(canvas, marks) {
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  for (const mark of marks) drawMark(canvas, mark);
}

/** From the point with number `from` on: a long stroke is not drawn anew with each move. */
export function drawMark(canvas, mark, from = 0) {
  const { width, height } = canvas;
  const context = canvas.getContext("2d");
  context.globalCompositeOperation = mark.erase ? "destination-out" : "source-over";
  context.fillStyle = context.strokeStyle = mark.color ?? "#f0523a";
  if (!mark.points) {
    context.fillRect(mark.left * width, mark.top * height, mark.width * width, mark.height * height);
    return;
  }
  context.lineWidth = mark.size * Math.max(width, height);
  context.lineCap = context.lineJoin = "round";
  const points = mark.points.slice(Math.max(0, from - 1)).map(([x, y]) => [x * width, y * height]);
  const [first] = points;
  context.beginPath();
  context.arc(...first, context.lineWidth / 2, 0, 2 * Math.PI); // a line without length would draw nothing
  context.fill();
  context.beginPath();
  context.moveTo(...first);
  for (const point of points) context.lineTo(...point);
  context.stroke();
}

const sampleWidth = 128;

/** Measures how much of the image is marked, in whole percent; anything at all is at least 1. */
export function markedPercent(marks, { width, height }) {
  const canvas = sized(sampleWidth, Math.max(1, Math.round((sampleWidth * height) / width)));
  drawMarks(canvas, marks);
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let marked = 0;
  for (let alpha = 3; alpha < data.length; alpha += 4) if (data[alpha] > 127) marked++;
  return marked === 0 ? 0 : Math.max(1, Math.round((400 * marked) / data.length));
}

/** A PNG in the image's own pixels: transparent where it is marked, opaque elsewhere. */
export async function maskFile(marks, { width, height }) {
  const painted = sized(width, height);
  drawMarks(painted, marks);
  const mask = sized(width, height);
  const context = mask.getContext("2d");
  context.fillRect(0, 0, width, height);
  context.globalCompositeOperation = "destination-out";
  context.drawImage(painted, 0, 0);
  return fileOf(mask, "mask.png");
}

/** A canvas as a PNG. */
export async function fileOf(canvas, name) {
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  return new File([blob], name, { type: "image/png" });
}

/** A new canvas of that size. */
export function sized(width, height) {
  return Object.assign(document.createElement("canvas"), { width, height });
}
