// The fake's aned: node daemon.mjs SOCKET CACHE. Prints "ready" and serves until its standard input ends.

import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { receiveFrames, sendFrame } from "./frames.mjs";
import { Programs } from "./programs.mjs";

const [socketPath, cache] = process.argv.slice(2);
const programs = new Programs(cache);

/** Each does what the first field of a request says, and returns the fields of its reply. */
const commands = {
  exists(_, cache, hexId) {
    if (!programs.exists(cache, hexId)) throw new Error("not compiled");
    return [];
  },
  purge(_, cache, hexId) {
    programs.purge(cache, hexId);
    return [];
  },
  compile(_, cache, hexId, folder) {
    programs.compile(cache, hexId, folder);
    return [];
  },
  load(_, cache, hexId, owner) {
    return programs.load(cache, hexId, owner);
  },
  unload(_, handle) {
    programs.unload(handle);
    return [];
  },
  evaluate(_, handle, owner, ...fields) {
    const bound = fields.flatMap((__, i) => (i % 4 === 0 ? [fields.slice(i, i + 4)] : []));
    return [String(programs.evaluate(handle, owner, bound))];
  },
  /** The connection that tells by its end that a process has ended. */
  hold(socket, owner) {
    socket.on("close", () => programs.unloadAllOf(owner));
    return [];
  },
};

const server = createServer((socket) => {
  socket.on("error", () => socket.destroy());
  receiveFrames(socket, ([command, ...fields]) => {
    try {
      sendFrame(socket, ["ok", ...commands[command](socket, ...fields)]);
    } catch (error) {
      sendFrame(socket, ["error", error instanceof Error ? error.message : String(error)]);
    }
  });
});
server.listen(socketPath, () => console.log("ready"));
process.stdin.resume().on("end", () => {
  server.close();
  rmSync(socketPath, { force: true });
  process.exit(0);
});
