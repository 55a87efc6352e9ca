import { enSlackAgent } from "./slack-agent.ts";
import { enSteps } from "./steps.ts";

/** The sentences that only Slack needs. What is called `channel` or `scope` is Slack's own word or markup. */
export const enSlack = {
  submit: "Go",
  yes: "Yes",
  no: "No",
  where: "Post to",
  whereHint: "Leave it empty to get the result in a direct message",
  notThere: (channel: string) =>
    `I cannot post in ${channel}, so this comes to you alone. To have it there, type /invite in that channel and pick me.`,
  notBetweenYou:
    "I cannot post in your conversation with somebody else, so this comes to you alone. You can forward it from here.",
  formExpired: "Slack took too long to open the form. Nothing was started: please try again.",
  waiting: "Waiting…",
  price: "The price appears here in a moment.",
  editTitle: "Edit image",
  noImageThere: "There is no image in that message that I could edit.",
  noImageToSave: "There is no image in that message that I could save.",
  sentDirectly: "I sent it to you in a direct message.",
  private: "This one is private, so it comes to you in a direct message.",
  notAnImage: (filenames: string) => `Left out, because it is not an image: ${filenames}`,
  notToBeOpened: (filenames: string) => `Left out, because I cannot open it: ${filenames}`,
  alreadyStarted: "I have started on your first wording. Write a new message to get another image.",
  /** In a prompt, where Slack does not tell the name of a member, a group or a channel. */
  someone: "someone",
  somewhere: "channel",
  dataLost: "Slack lost the file. Nothing is wrong with your data: please ask for it again.",
  dataLeftOut: (names: string) => `Slack did not take these images: ${names}`,
  deleteTitle: "Delete this image?",
  deleteText: "The image, its prompt and its messages are deleted for good.",
  groupHelp: "What can be typed behind it:",
  mentionHelp: "Tell me what to draw, or what to change when you write below one of my images.",
  agent: enSlackAgent,
  home: {
    title: "Your images",
    create: "Create image",
    history: "All images",
    credits: (available: string, held: string) => `*${available}* available · ${held} reserved`,
    renews: (to: string, at: string) => `Topped up to ${to} on ${at}.`,
    open: "Under way",
    nothingOpen: "Nothing is under way.",
    recent: "Latest images",
    nothingRecent: "You have not made any images yet.",
    defaults: "Where you say nothing",
    usual: "as usual",
    usage: (days: number) => `Usage here in ${days} days`,
    total: (jobs: number, images: number, charged: string) => `${jobs} jobs · ${images} images · ${charged}`,
    month: (spent: string, limit: string | undefined) =>
      limit === undefined ? `This month: ${spent}, without a limit` : `This month: ${spent} of ${limit}`,
    broken: "This page cannot be shown now. Open it again in a moment.",
  },
  steps: enSteps,
  installed: "Atelier is installed in your workspace. You can close this page and type /imagine in Slack.",
  notInstalled: "Atelier could not be installed. Nothing was changed: please open the installation page again.",
};
