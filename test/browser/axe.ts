import axe from "axe-core";
import type { Page } from "playwright-core";
import { expect } from "vitest";

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** Lists what axe finds on the page as it is now, and calls serious or critical; each as one line. */
export async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<{ violations: Violation[] }>("axe.run(document)");
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

/** Ends every transition, so that colours are measured as they stay. */
export async function settle(page: Page): Promise<void> {
  await page.evaluate(
    "document.getAnimations().forEach((one) => one.effect.getTiming().iterations !== Infinity && one.finish())",
  );
}

/** Lists what sticks out of the screen to the right. */
const beyond = `[...document.querySelectorAll("body *")]
  .filter((node) => node.checkVisibility() && !node.closest(".unseen, .easel") && node.getBoundingClientRect().right > innerWidth + 1)
  .map((node) => node.outerHTML.slice(0, 120))`;

export async function expectFits(page: Page, screen?: string): Promise<void> {
  expect(await page.evaluate<string[]>(beyond), screen).toEqual([]);
}
