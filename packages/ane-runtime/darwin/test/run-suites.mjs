// Runs the suites against one build: node run-suites.mjs plain|zombies|asan|tsan [vitest arguments]. Starts the daemon, sets the
// environment that the build needs, and fails on what no assertion sees: pool and zombie messages, sanitizer reports,
// broken rules of a process that died. Needs `pnpm build` for what runs in processes of its own.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildLinux } from "../compile/linux.mjs";
import { aneRuntime, darwin } from "../tools/paths.mjs";
import { emulatedModes } from "./emulated-modes.mjs";

const runtimeLibrary = (name) =>
  execFileSync("clang++-19", [`-print-file-name=libclang_rt.${name}-x86_64.so`], {
    encoding: "utf8",
  }).trim();

const suppressions = (name) => join(darwin, "test/sanitizers", name);

const hostConfig = join(darwin, "test/vitest.config.mts");

/** Suites that reach all native code; the others differ in what they ask, not in what runs. */
const native = [
  "lifecycle",
  "failures",
  "ports",
  "shared-surfaces",
  "async",
  "workers",
  "statistics",
];

/** Build, environment and suites by name. Nothing but the processes under test gets the environment: the daemon runs without it. */
const modes = {
  plain: () => ({ variant: "plain", env: {} }),
  // GNUstep then keeps every released object and names it when it gets a message.
  zombies: () => ({ variant: "plain", env: { NSZombieEnabled: "YES" }, suites: native }),
  asan: () => ({
    variant: "asan",
    env: {
      LD_PRELOAD: runtimeLibrary("asan"),
      ASAN_OPTIONS: "detect_leaks=1:handle_segv=1:strict_string_checks=1",
      LSAN_OPTIONS: `suppressions=${suppressions("leaks.txt")}:print_suppressions=0`,
      UBSAN_OPTIONS: "halt_on_error=1:print_stacktrace=1",
    },
    suites: [...native, "processes"],
  }),
  tsan: () => ({
    variant: "tsan",
    env: {
      LD_PRELOAD: runtimeLibrary("tsan"),
      TSAN_OPTIONS: `suppressions=${suppressions("races.txt")}:ignore_noninstrumented_modules=1:report_signal_unsafe=0`,
    },
    suites: native,
  }),
  ...emulatedModes,
};

/** What must not be said by any process. */
const complaints = [
  /autorelease called without pool/,
  /message sent to deallocated instance/,
  /fake framework: violation/,
  /runtime error:/,
  /(Address|Leak|Thread|UndefinedBehavior)Sanitizer/,
];

async function startDaemon(folder) {
  const script = join(darwin, "fake/daemon/daemon.mjs");
  const socket = join(folder, "daemon.sock");
  const daemon = spawn(process.execPath, [script, socket, join(folder, "cache")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(daemon, "exit").then(([code]) => {
    throw new Error(`the daemon ended with ${code} before it was ready`);
  });
  await Promise.race([once(daemon.stdout, "data"), ended]);
  ended.catch(() => {});
  return { socket, stop: () => daemon.stdin.end() };
}

/** All that the command said, once it has ended; shown while it comes. */
async function runShown(args, env) {
  const child = spawn(process.execPath, args, {
    cwd: aneRuntime,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const [stream, target] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ]) {
    stream.setEncoding("utf8").on("data", (text) => {
      said += text;
      target.write(text);
    });
  }
  const [code] = await once(child, "close");
  return { code, said };
}

export async function runSuites(mode, vitestArguments = []) {
  const {
    variant,
    build = await buildLinux(variant),
    env,
    config = hostConfig,
    suites = [],
  } = await modes[mode]();
  const folder = mkdtempSync(join(tmpdir(), "ane-darwin-"));
  const daemon = await startDaemon(folder);
  try {
    const vitest = join(
      dirname(createRequire(join(aneRuntime, "package.json")).resolve("vitest/package.json")),
      "vitest.mjs",
    );
    const { code, said } = await runShown(
      [
        vitest,
        "run",
        "--config",
        config,
        ...(vitestArguments.length > 0 ? vitestArguments : suites),
      ],
      {
        ...process.env,
        ...env,
        ANE_RUNTIME_BINDING: join(build, "ane_runtime.node"),
        FAKE_ANE_SOCKET: daemon.socket,
        // For GNUstep's NSTemporaryDirectory(); every test file makes its own inside it.
        TEMP: folder,
        LD_LIBRARY_PATH: build,
      },
    );
    const heard = said
      .split("\n")
      .filter((line) => complaints.some((complaint) => complaint.test(line)));
    for (const line of heard) console.error(`complaint: ${line}`);
    const left = foldersLeft(folder);
    for (const name of left) console.error(`left behind: ${name}`);
    return code === 0 && heard.length === 0 && left.length === 0;
  } finally {
    daemon.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Model folders, and records of their owners, that the suites left in their temporary folders: names of three hashes. */
function foldersLeft(folder) {
  return readdirSync(folder, { recursive: true }).filter(
    (path) => !path.startsWith("cache/") && /[0-9A-F]{64}_/.test(path),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [mode = "plain", ...vitestArguments] = process.argv.slice(2);
  process.exitCode = (await runSuites(mode, vitestArguments)) ? 0 : 1;
}
