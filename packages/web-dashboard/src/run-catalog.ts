/** The runs that can be shown, by their ids, each followed while somebody looks. A request never names a path. */
import { basename, dirname, resolve } from "node:path";
import { listRuns, type RunSummary } from "@ane/run-records";
import { RunFeed } from "./run-feed.js";

/** A list is made at most so often, and less often where that takes long. */
const LIST_MS = 1500;
const LIST_SHARE = 0.05;
/** How long a run that nobody looks at any more stays in memory: a page may be on its way back. */
const IDLE_MS = 30_000;

export class RunCatalog implements Disposable {
  readonly #root: string;
  /** Outside of the root, or in it. */
  readonly #extra: string | undefined;
  readonly #feeds = new Map<string, { feed: RunFeed; idleSince: number | undefined }>();
  readonly #sweep: NodeJS.Timeout;
  #list: readonly RunSummary[] = [];
  #nextList = 0;

  constructor(root: string, extra: string | undefined) {
    this.#root = resolve(root);
    this.#extra = extra === undefined ? undefined : resolve(extra);
    this.#sweep = setInterval(() => this.#closeIdle(), IDLE_MS / 3);
    this.#sweep.unref();
  }

  /** The newest first; the last one that could be made, as folders may be removed while they are looked at. */
  list(): readonly RunSummary[] {
    const start = Date.now();
    if (start < this.#nextList) return this.#list;
    try {
      this.#list = this.#read();
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
    }
    this.#nextList = Date.now() + Math.max(LIST_MS, (Date.now() - start) / LIST_SHARE);
    return this.#list;
  }

  #read(): RunSummary[] {
    const inRoot = listRuns(this.#root);
    const outside = this.#extra !== undefined && dirname(this.#extra) !== this.#root;
    const extra = outside
      ? listRuns(dirname(this.#extra!)).filter(({ directory }) => directory === this.#extra)
      : [];
    const hidden = new Set(extra.map(({ id }) => id));
    return [...extra, ...inRoot.filter(({ id }) => !hidden.has(id))];
  }

  /** Of the run that was asked for when the dashboard was started. */
  get extraId(): string | undefined {
    return this.#extra === undefined ? undefined : basename(this.#extra);
  }

  directory(id: string): string | undefined {
    const find = () => this.list().find((run) => run.id === id)?.directory;
    const known = find();
    if (known !== undefined) return known;
    this.#nextList = 0; // it may be newer than the list
    return find();
  }

  feed(id: string): RunFeed | undefined {
    const open = this.#feeds.get(id);
    if (open && open.feed.problem === undefined) return open.feed;
    open?.feed.close();
    this.#feeds.delete(id);
    const directory = this.directory(id);
    if (directory === undefined) return undefined;
    const feed = new RunFeed(directory);
    this.#feeds.set(id, { feed, idleSince: undefined });
    return feed;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#sweep);
    for (const { feed } of this.#feeds.values()) feed.close();
    this.#feeds.clear();
  }

  #closeIdle(): void {
    const now = Date.now();
    for (const [id, open] of this.#feeds) {
      if (open.feed.isWatched) open.idleSince = undefined;
      else if (open.idleSince === undefined) open.idleSince = now;
      else if (now - open.idleSince >= IDLE_MS) {
        open.feed.close();
        this.#feeds.delete(id);
      }
    }
  }
}
