/** One safeguard taken away, by edits of text that must stand exactly once in its file. */
export interface Mutation {
  readonly name: string;
  /** Says what the safeguard is there for. */
  readonly why: string;
  /** Chaos notices it too, in few rounds. */
  readonly byChaos?: boolean;
  readonly edits: readonly { readonly file: string; readonly from: string; readonly to: string }[];
}

export const mutations: readonly Mutation[] = [
  {
    name: "write-ahead",
    why: "what was sent must be known after a crash",
    byChaos: true,
    edits: [
      {
        file: "src/jobs/attempts.ts",
        from: ".values({ ...rowOf(job, attempt), ...sending })",
        to: ".values(rowOf(job, attempt))",
      },
    ],
  },
  {
    name: "fence",
    why: "a process that lost its lease must change nothing",
    byChaos: true,
    edits: [
      { file: "src/jobs/attempts.ts", from: '({ id, fence, state: "running" })', to: '({ id, state: "running" })' },
      { file: "src/jobs/transitions.ts", from: '    .where("fence", "=", job.fence)\n', to: "" },
      { file: "src/jobs/late.ts", from: '    .where("fence", "=", job.fence)\n', to: "" },
    ],
  },
  {
    name: "inbound-key",
    why: "an event that comes twice must make one job",
    byChaos: true,
    edits: [
      { file: "src/jobs/queue.ts", from: '.where("inbound", "=", inbound)', to: '.where("inbound", "=", "")' },
      {
        file: "src/store/migrations/0001-start.ts",
        from: "inbound text not null unique",
        to: "inbound text not null",
      },
    ],
  },
  {
    name: "unknown-is-not-unsent",
    why: "what may have been sent must not be queued again",
    edits: [{ file: "src/worker/recover.ts", from: 'if (last?.phase !== "sending")', to: "if (last)" }],
  },
  {
    name: "late-results",
    why: "what a process received after it had lost its job must be posted",
    edits: [
      {
        file: "src/worker/heartbeat.ts",
        from: "for (const found of await claimReceived(context, { owner, leaseUntil })) options.takeLate(found);",
        to: "await claimReceived(context, { owner, leaseUntil });",
      },
    ],
  },
  {
    name: "repeated-delivery",
    why: "a post that may have arrived must be looked for",
    edits: [{ file: "src/worker/deliver.ts", from: "repeated: delivery.tries > 1", to: "repeated: false" }],
  },
  {
    name: "hold-is-released",
    why: "who gets no images gets the credits back",
    edits: [
      {
        file: "src/settlement/settle.ts",
        from: "await context.credits.release(trx, account, holdOf(job));",
        to: "",
      },
    ],
  },
];
