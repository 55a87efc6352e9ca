import { Refusal } from "../errors.ts";
import { artifactsOf } from "../jobs/attempts.ts";
import { jobsOf } from "../jobs/queue.ts";
import { cancel } from "./cancel.ts";
import { again, edit, upscale, vary } from "./edit.ts";
import { imagine } from "./imagine.ts";
import { services } from "./offers.ts";
import { quote } from "./quote.ts";
import type { Room } from "./room.ts";
import type { UseCases } from "./usecases.ts";
import { viewOf, visibleJob } from "./view.ts";
import { watch } from "./watch.ts";

const statementLines = 10;

/** Everything that commands and platforms may ask of the bot, over one room. */
export function createUseCases(room: Room): UseCases {
  return {
    quote: (draft, caller, files) => quote(room, draft, caller, files),
    services: (draft) => services(room, draft),
    imagine: (draft, caller) => imagine(room, draft, caller),
    edit: (of, draft, caller) => edit(room, of, draft, caller),
    again: (job, caller) => again(room, job, caller),
    vary: (of, caller) => vary(room, of, caller),
    upscale: (of, caller) => upscale(room, of, caller),
    cancel: (job, caller) => cancel(room, job, caller),
    credits: (caller) => room.credits.statement(caller.member, statementLines),
    history: async (caller, limit) =>
      Promise.all((await jobsOf(room.database.db, caller.member, limit)).map((job) => viewOf(room, job))),
    job: async (id, caller) => viewOf(room, await visibleJob(room, id, caller)),
    watch: (id, signal) => watch(room, id, signal),
    async imageFile({ job: id, index }, caller) {
      const job = await visibleJob(room, id, caller);
      const image = (await artifactsOf(room.database.db, job.id))[index];
      if (!image || !(await room.images.has(image))) throw new Refusal("job-has-no-images", {});
      return { path: room.images.pathOf(image), image };
    },
  };
}
