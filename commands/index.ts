import type { AnyCommand } from "../src/command/command.ts";
import { adminKeys } from "./admin-keys.ts";
import { adminLimits } from "./admin-limits.ts";
import { adminRules } from "./admin-rules.ts";
import { adminWatch } from "./admin-watch.ts";
import { answers } from "./answer.ts";
import { approvals } from "./approval.ts";
import { batches } from "./batch.ts";
import { cancel } from "./cancel.ts";
import { credits } from "./credits.ts";
import { describe } from "./describe.ts";
import { edit } from "./edit.ts";
import { final } from "./final.ts";
import { helpFor } from "./help.ts";
import { gallery, history, older } from "./history.ts";
import { imagine } from "./imagine.ts";
import { paint } from "./paint.ts";
import { privacy } from "./privacy.ts";
import { references } from "./reference.ts";
import { remove } from "./remove.ts";
import { repetitions } from "./repeat.ts";
import { settings } from "./settings.ts";
import { show } from "./show.ts";
import { styles } from "./style.ts";

const listed: readonly AnyCommand[] = [
  imagine,
  edit,
  ...repetitions,
  final,
  paint,
  ...answers,
  cancel,
  ...batches,
  history,
  older,
  gallery,
  show,
  remove,
  describe,
  credits,
  settings,
  ...styles,
  ...references,
  ...privacy,
  ...adminLimits,
  ...approvals,
  ...adminKeys,
  adminRules,
  ...adminWatch,
];

/** Every command, in the order in which help lists them; a new one is one file and one line above. */
export const commands: readonly AnyCommand[] = [...listed, helpFor(listed)];
