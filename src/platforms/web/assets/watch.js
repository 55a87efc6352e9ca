const retryMs = 3000;

/** Follows jobs until they are final, all by one stream of server-sent events. */
export function createWatcher({ onJob, onTrouble, resync }) {
  const pending = new Set();
  let source;

  function reopen() {
    source?.close();
    if (pending.size === 0) return;
    source = new EventSource(`/api/jobs/${[...pending].join(",")}/events`);
    source.addEventListener("open", () => onTrouble(false));
    source.addEventListener("job", (event) => take(JSON.parse(event.data)));
    source.addEventListener("error", lost);
  }

  function take(job) {
    onJob(job);
    if (job.final) pending.delete(job.id);
    if (pending.size === 0) source.close();
  }

  /** The browser reconnects by itself after a broken connection, but not after an answer that is no stream. */
  function lost() {
    onTrouble(true);
    if (source.readyState !== EventSource.CLOSED) return;
    pending.clear();
    setTimeout(() => resync().then(() => onTrouble(false), lost), retryMs);
  }

  return {
    follow(jobs) {
      const before = pending.size;
      for (const job of jobs) if (!job.final) pending.add(job.id);
      if (pending.size > before) reopen();
    },
  };
}
