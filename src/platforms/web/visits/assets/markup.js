import { drawMarks, fileOf, sized } from "../../assets/marks.js";

/** A copy of the image, in its own pixels, with what was drawn on it. */
export async function markedCopy(image, marks) {
  const { width, height } = image;
  const lines = sized(width, height);
  drawMarks(lines, marks);
  const copy = sized(width, height);
  const context = copy.getContext("2d");
  context.drawImage(image, 0, 0);
  context.drawImage(lines, 0, 0);
  return fileOf(copy, "markup.png");
}
