// The rules for free sizes of gpt-image-2, the same as in src/providers/fit-size.ts.
const multiple = 16;
const longestSide = 3840;
const widestRatio = 3;
const fewestPixels = 655_360;
const mostPixels = 8_294_400;

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
