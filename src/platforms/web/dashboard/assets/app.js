import { byId, el } from "../../assets/dom.js";
import { showJobs } from "./jobs.js";
import { showLog } from "./log.js";
import { showMembers } from "./members.js";
import { showOverview } from "./overview.js";
import { showSpending } from "./spending.js";
import { showTenants } from "./tenants.js";
import { showUnknown } from "./unknown.js";
import { words } from "./words.js";

const sections = {
  overview: showOverview,
  jobs: showJobs,
  spending: showSpending,
  members: showMembers,
  unknown: showUnknown,
  tenants: showTenants,
  log: showLog,
};

const links = Object.keys(sections).map((name) => el("a", { href: `#${name}` }, words.sections[name]));
byId("sections").append(...links);
addEventListener("hashchange", () => {
  go();
  byId("view").focus();
});
go();

function go() {
  const asked = location.hash.slice(1);
  const name = Object.hasOwn(sections, asked) ? asked : "overview";
  for (const link of links) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const view = byId("view");
  view.replaceChildren(el("h1", {}, words.sections[name]));
  sections[name](view);
}
