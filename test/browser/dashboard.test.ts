import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { password } from "../platforms/web/dashboard/house.ts";
import { failWith, unknownOutcome } from "../support/services/scripted-provider.ts";
import { seriousFindings } from "./axe.ts";
import { dashboardStage, goTo } from "./dashboard-stage.ts";

const on = dashboardStage();
const sections = ["overview", "jobs", "spending", "members", "unknown", "tenants", "log"];

async function make(prompt: string, member = "member-1") {
  const { house } = on;
  return house.end(await house.usecases.imagine({ prompt }, house.caller(member)));
}

async function withUnknownOutcome(prompt = "a doubtful cat") {
  on.house.provider.scripts.push(failWith(unknownOutcome()));
  return make(prompt);
}

test("lets in whoever has the password, and out again", async () => {
  const page = await on.open();
  await page.getByRole("heading", { name: "Services" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL("**/login");
  await page.goto(`${on.house.url}/dashboard`);
  expect(new URL(page.url()).pathname).toBe("/login");
});

test("names the model of a service that ends soon, or has ended", async () => {
  const { house } = on;
  for (const [endsAt, words] of [
    [house.world.now() + 86_400_000, /gpt-image-9 ends on \d{4}-\d\d-\d\d/],
    [house.world.now(), /gpt-image-9 ended on \d{4}-\d\d-\d\d: it is not used/],
  ] as const) {
    Object.assign(house.provider, { model: { id: "gpt-image-9", endsAt } });
    const page = await on.open();
    await page.getByRole("cell", { name: words }).waitFor();
  }
});

test("gives credits, and says in the dialog why it does not", async () => {
  await on.house.work();
  await make("a cat");
  const page = await on.open("members");
  const row = page.getByRole("row", { name: /member-1/ });
  await row.getByText("4,875").waitFor();
  await row.getByRole("button", { name: "Give credits to member-1" }).click();
  await page.getByRole("spinbutton", { name: "Credits" }).fill("9000000");
  await page.getByRole("button", { name: "Give", exact: true }).click();
  await page.getByRole("alert").filter({ hasText: "1,000,000" }).waitFor();
  expect(on.complaints.splice(0)).toHaveLength(1); // the browser's own line about the status 422
  await page.getByRole("spinbutton", { name: "Credits" }).fill("125");
  await page.getByRole("button", { name: "Give", exact: true }).click();
  await row.getByText("5,000").waitFor();
  expect(await on.house.balance()).toEqual({ available: 5000, held: 0 });
  await goTo(page, "log");
  await page.getByRole("row", { name: /web:operator gave credits member-1/ }).waitFor();
});

test("asks for the password again before credits move, then does what was asked, once", async () => {
  const page = await on.open("members");
  on.house.world.advance(16 * 60_000);
  await page.getByRole("button", { name: "Somebody who is not in the list" }).click();
  await page.getByLabel("Key, such as").fill("discord:7");
  await page.getByRole("spinbutton", { name: "Credits" }).fill("50");
  await page.getByRole("button", { name: "Give", exact: true }).click();
  const again = page.getByRole("dialog", { name: "Your password once more" });
  await again.getByLabel("Password").fill("wrong");
  await page.keyboard.press("Enter");
  await again.getByText("That is not the password.").waitFor();
  await again.getByLabel("Password").fill(password);
  await page.keyboard.press("Enter");
  await page.getByRole("row", { name: /discord:7.*50/ }).waitFor();
  expect(on.complaints.splice(0)).toHaveLength(2); // the browser's own lines about the two times 403
  await goTo(page, "log");
  await page.getByRole("row", { name: /web:operator gave credits discord:7/ }).waitFor();
});

test("gives credits to somebody who was never here", async () => {
  const page = await on.open("members");
  await page.getByRole("button", { name: "Somebody who is not in the list" }).click();
  await page.getByLabel("Key, such as").fill("discord:7");
  await page.getByRole("spinbutton", { name: "Credits" }).fill("50");
  await page.getByRole("button", { name: "Give", exact: true }).click();
  await page.getByRole("row", { name: /discord:7/ }).waitFor();
});

test("limits and blocks a member, and lets it again", async () => {
  await on.house.work();
  await make("a cat");
  const page = await on.open("members");
  const row = page.getByRole("row", { name: /member-1/ });
  await row.getByRole("button", { name: "Limit member-1" }).click();
  await page.getByRole("spinbutton", { name: "Daily limit" }).fill("250");
  await page.getByRole("button", { name: "Save" }).click();
  await row.getByRole("cell", { name: "250", exact: true }).waitFor();
  await row.getByRole("button", { name: "Block member-1" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Block" }).click();
  await row.getByText("blocked").waitFor();
  const asked = on.house.usecases.imagine({ prompt: "a cat" }, on.house.caller());
  await expect(asked).rejects.toMatchObject({ code: "member-blocked" });
  await row.getByRole("button", { name: "Unblock member-1" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Unblock" }).click();
  await row.getByText("blocked").waitFor({ state: "detached" });
});

test("settles a call of unknown outcome", async () => {
  await on.house.work();
  await withUnknownOutcome();
  const page = await on.open();
  await page.locator(".tiles div", { hasText: "Unknown outcomes" }).getByText("1", { exact: true }).waitFor();
  await goTo(page, "unknown");
  await page.getByText("the connection broke").waitFor();
  await page.getByRole("button", { name: /^It was not charged:/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "It was not charged" }).click();
  await page.getByText("Nothing here.").waitFor();
  expect(await on.house.usecases.admin.unknown(on.house.caller("operator-1"))).toEqual([]);
});

test("stops everything with a reason, and lets it go on", async () => {
  const page = await on.open();
  await page.getByRole("button", { name: "Pause everything" }).click();
  await page.getByLabel("Reason").fill("the bill is too high");
  await page.getByRole("dialog").getByRole("button", { name: "Pause everything" }).click();
  await page.getByText(/Paused by web:operator.*the bill is too high/).waitFor();
  const asked = on.house.usecases.imagine({ prompt: "a cat" }, on.house.caller());
  await expect(asked).rejects.toMatchObject({ code: "paused" });
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Go on" }).click();
  await page.getByRole("button", { name: "Pause everything" }).waitFor();
});

test("shows jobs as they come, narrows them, and cancels one", async () => {
  const page = await on.open("jobs");
  await page.getByText("Nothing here.").waitFor();
  const { house } = on;
  await house.usecases.imagine({ prompt: "a cat in the rain" }, house.caller("member-1"));
  await house.usecases.imagine({ prompt: "a dog in the sun" }, house.caller("member-2"));
  await page.getByText("a dog in the sun").waitFor(); // nobody pressed anything
  await page.getByRole("textbox", { name: "Member" }).fill("member-1");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByText("a dog in the sun").waitFor({ state: "detached" });
  const row = page.getByRole("row", { name: /a cat in the rain/ });
  await row.getByRole("button", { name: /^Cancel/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await row.getByText("cancelled").waitFor();
  expect(await house.balance("member-1")).toEqual({ available: 5000, held: 0 });
  await page.getByLabel("State").selectOption("queued");
  await page.getByText("Nothing here.").waitFor();
});

test("shows every phase of a job", async () => {
  await on.house.work();
  await make("a cat in the rain");
  const page = await on.open("jobs");
  await page.getByRole("button", { name: /^Look at/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("call-1").waitFor();
  await dialog.getByText(/confirmed, tries: 1, channel/).waitFor();
  await dialog.getByRole("cell", { name: "ops:revenue" }).waitFor();
  await dialog.getByRole("button", { name: "Close" }).click();
  await dialog.waitFor({ state: "hidden" });
});

test("changes the rules of a place, and keeps what was typed when they are refused", async () => {
  const page = await on.open("tenants");
  await page.getByLabel("Another key").fill("discord:guild:1");
  await page.getByRole("button", { name: "Show" }).click();
  await page.locator("select", { hasText: "discord:guild:1" }).waitFor();
  await page.getByLabel("Channels in which").fill("5\nnot a channel!");
  const form = page.locator("section", { has: page.getByRole("heading", { name: "Rules" }) });
  await form.getByRole("button", { name: "Save" }).click();
  await form.getByRole("alert").filter({ hasText: "not a channel!" }).waitFor();
  expect(on.complaints.splice(0)).toHaveLength(1); // the browser's own line about the status 422
  expect(await page.getByLabel("Channels in which").inputValue()).toContain("not a channel!");
  await page.getByLabel("Channels in which").fill("5\n6");
  await page.getByLabel("Background").fill("opaque");
  await page.getByLabel("Compression").fill("70");
  await page.getByLabel("Draw drafts").check();
  await form.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  const caller = on.house.caller("operator-1", { tenant: "discord:guild:1" });
  expect(await on.house.usecases.admin.rules(caller)).toMatchObject({
    channels: ["5", "6"],
    defaults: { background: "opaque", compression: 70, drafts: true },
  });
});

test("saves what was spent as a CSV file", async () => {
  await on.house.work();
  await make("a cat");
  const page = await on.open("spending");
  await page.getByRole("img", { name: /^By member: paid/ }).waitFor();
  const coming = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download as CSV" }).click();
  const file = await coming;
  expect(file.suggestedFilename()).toBe("atelier-usage-2026-11-20.csv");
  expect(await readFile(await file.path(), "utf8")).toContain("member,member-1,1,1,125,125\r\n");
});

test("checks the ledger when it is asked to", async () => {
  const page = await on.open();
  await page.getByRole("button", { name: "Check the ledger" }).click();
  await page.getByText(/every credit is accounted for\.$/).waitFor();
  on.house.findings.push({ sentence: "One event made two jobs.", subject: "job-x", detail: "2" });
  await page.getByRole("button", { name: "Check the ledger" }).click();
  await page.getByRole("row", { name: /One event made two jobs. job-x 2/ }).waitFor();
});

const payloads = [
  "<script>hacked = 1</script>",
  '<img src=x onerror="hacked = 1">',
  '"><svg onload=hacked=1>',
  "'-hacked=1-'",
  "{{constructor.constructor('hacked=1')()}}",
  "javascript:hacked=1",
  "</td></table><iframe srcdoc='<script>parent.hacked=1</script>'>",
  "\u202Egnp.exe",
];

test("shows markup in prompts, names, reasons and messages as what it is: text", async () => {
  const { house } = on;
  await house.work();
  for (const [n, payload] of payloads.entries()) {
    const caller = house.caller(`discord:${n}`, { name: payload, tenant: "guild" });
    // more failures would make the service rest
    if (n < 2) house.provider.scripts.push(failWith(Object.assign(unknownOutcome(), { message: payload })));
    await house.end(await house.usecases.imagine({ prompt: payload }, caller));
  }
  const page = await on.open("jobs");
  await page
    .locator("tbody tr")
    .nth(payloads.length - 1)
    .waitFor();
  const shown = await page.locator("tbody td.long").allTextContents();
  expect(shown.toSorted()).toEqual([...payloads].sort());
  await page
    .getByRole("button", { name: /^Look at/ })
    .last()
    .click();
  await page.getByRole("dialog").getByText("ops:unknown").first().waitFor();
  await page.getByRole("button", { name: "Close" }).click();
  for (const section of ["members", "unknown", "spending"]) {
    await goTo(page, section);
    await page.locator("tbody tr").first().waitFor();
    expect(await page.locator("main script, main iframe, main img, main [onerror], main [onload]").count()).toBe(0);
  }
  await goTo(page, "overview");
  await page.getByRole("button", { name: "Pause everything" }).click();
  await page.getByLabel("Reason").fill(payloads[1] ?? "");
  await page.getByRole("dialog").getByRole("button", { name: "Pause everything" }).click();
  await page.getByText(/Paused by .*<img src=x/).waitFor();
  expect(await page.evaluate("typeof hacked")).toBe("undefined");
});

test.each([
  ["en-US", "light", 1280],
  ["zh-CN", "dark", 390],
] as const)("can be used by everybody, on a telephone too (%s, %s, %i wide)", async (locale, colorScheme, width) => {
  await on.house.work();
  await make("a cat");
  await withUnknownOutcome();
  const operator = on.house.caller("operator-1");
  await on.house.usecases.admin.grant("discord:7", 5, operator);
  const page = await on.open("overview", { locale, colorScheme, viewport: { width, height: 844 } });
  for (const section of sections) {
    await goTo(page, section);
    await page.locator("main table, main form").first().waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth > innerWidth"), section).toBe(false);
    expect(await seriousFindings(page), section).toEqual([]);
  }
  await goTo(page, "jobs");
  await page.locator("main tbody button").first().click();
  await page.locator("dialog table").first().waitFor();
  expect(await seriousFindings(page), "the dialog").toEqual([]);
});

test("speaks Chinese", async () => {
  const page = await on.open("overview", { locale: "zh-CN" });
  await page.getByRole("heading", { name: "账目" }).waitFor();
  await page.getByRole("button", { name: "全部暂停" }).click();
  await page.getByLabel("原因（成员会看到）").fill("费用过高");
  await page.getByRole("dialog").getByRole("button", { name: "全部暂停" }).click();
  await page.getByText(/已由 web:operator 于 .* 暂停：费用过高/).waitFor();
});

test("leads back to the login page when the session is over", async () => {
  const page = await on.open("jobs");
  await page.getByText("Nothing here.").waitFor();
  await page.context().clearCookies();
  await page.waitForURL("**/login?to=dashboard");
  on.complaints.length = 0; // the browser's own line about the status 401
});
