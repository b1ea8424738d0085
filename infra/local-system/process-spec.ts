/** A process of the system, as data. Adding one to the system is adding an entry to the list in `processes.ts`. */
export interface ProcessSpec {
  /** Shown to people, and the name of its log file. */
  readonly name: string;
  /** File in the clone that is run: a source, through tsx, or a compiled one. */
  readonly entry: string;
  /** Of node. */
  readonly flags?: readonly string[];
  /** Set on top of the environment of the caller; an empty value takes one away. */
  readonly env: Readonly<Record<string, string>>;
  /** Absent = a process that does its work and ends with exit code 0: then it counts as ready. */
  readonly serves?: Serves;
  /** How long it may take to stop after SIGTERM, before SIGKILL. */
  readonly graceMs: number;
}

export interface Serves {
  /** What it offers, for people. */
  readonly what: string;
  /** Without a slash at the end. */
  readonly url: string;
  /** Answers 200 once the process can be used. */
  readonly readyPath: string;
}

/** Processes that may start at the same time, after those before them are ready. */
export type Wave = readonly ProcessSpec[];
