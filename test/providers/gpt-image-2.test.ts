import { expect, test } from "vitest";
import { fitSize } from "../../src/providers/fit-size.ts";
import { gptImage2, sizesOfEveryShape, suggestedSizes } from "../../src/providers/gpt-image-2.ts";
import { sizeText } from "../../src/request.ts";

test("every suggested size keeps the model's own rules for sizes", () => {
  for (const size of sizesOfEveryShape)
    expect(fitSize(size, { ...gptImage2, sizes: [] })).toEqual({ size, exact: true });
});

test("in every shape, each size that lies down also stands up", () => {
  const shapes = sizesOfEveryShape.map(sizeText);
  const turned = sizesOfEveryShape.map(({ width, height }) => sizeText({ width: height, height: width }));
  expect(turned.toSorted()).toEqual(shapes.toSorted());
  expect(shapes.filter((shape) => !suggestedSizes.map(sizeText).includes(shape))).toEqual(["1152x2048"]);
});
