// The rules for free sizes of gpt-image-2, the same as in src/providers/fit-size.ts.
const multiple = 16;
const longestSide = 3840;
const widestRatio = 3;
const fewestPixels = 655_360;
const mostPixels = 8_294_400;
const nearEnough = 0.002;

/**
 * The size of an image with room around it (`left`, `right`, `top`, `bottom` as parts of its width and height), and where
 * the image stands in it, in whole pixels; smaller or larger than the image where no service takes it otherwise.
 */
export function placedIn(image, room) {
  const wanted = {
    width: image.width * (1 + room.left + room.right),
    height: image.height * (1 + room.top + room.bottom),
  };
  const shape = {
    width: Math.max(wanted.width, wanted.height / widestRatio),
    height: Math.max(wanted.height, wanted.width / widestRatio),
  };
  const scale = scaleFor(shape);
  const size = wholeSize({ width: shape.width * scale, height: shape.height * scale });
  const across = Math.min(size.width, Math.round(image.width * scale));
  const down = Math.min(size.height, Math.round(image.height * scale));
  return {
    ...size,
    ...{ across, down },
    x: Math.round((size.width - across) * share(room.left, room.right)),
    y: Math.round((size.height - down) * share(room.top, room.bottom)),
  };
}

/** The shape and tier of a size as it would be typed: every service has some size of these. */
export function sizeWords({ width, height }) {
  const longest = Math.max(width, height);
  const tier = longest <= 1536 ? "1K" : longest <= 2048 ? "2K" : "4K";
  return `${shapeOf(width / height).join(":")} ${tier}`;
}

/** The smallest whole numbers that come near enough to a shape. */
function shapeOf(shape) {
  const heights = Array.from({ length: 33 }, (_, n) => n + 1);
  const shapes = heights.map((height) => [Math.max(1, Math.round(shape * height)), height]);
  const away = (one) => Math.abs(Math.log(one[0] / one[1] / shape));
  return shapes.find((one) => away(one) < nearEnough) ?? shapes.toSorted((one, other) => away(one) - away(other))[0];
}

function scaleFor({ width, height }) {
  const pixels = width * height;
  const smaller = Math.min(1, longestSide / Math.max(width, height), Math.sqrt(mostPixels / pixels));
  return pixels < fewestPixels ? Math.sqrt(fewestPixels / pixels) : smaller;
}

/** Sides of whole steps, within the bounds. */
function wholeSize({ width, height }) {
  const up = (side) => Math.min(longestSide, Math.ceil(Math.round(side) / multiple) * multiple);
  let size = { width: up(width), height: up(height) };
  while (
    size.width * size.height > mostPixels ||
    Math.max(size.width / size.height, size.height / size.width) > widestRatio
  ) {
    const isWide = size.width > size.height;
    size = isWide ? { ...size, width: size.width - multiple } : { ...size, height: size.height - multiple };
  }
  return size;
}

/** How much of the room is before the image. */
function share(before, after) {
  return before + after === 0 ? 0.5 : before / (before + after);
}
