// Frames between the fake framework and the daemon: a 32-bit length and that many bytes, fields separated by NUL
// (core/daemon_client.cpp is the other side).

const HEADER = 4;

/** Calls `onFrame(fields)` for each whole frame that arrives on the socket. */
export function receiveFrames(socket, onFrame) {
  let pending = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= HEADER) {
      const end = HEADER + pending.readUInt32LE();
      if (pending.length < end) return;
      const body = pending.toString("utf8", HEADER, end);
      pending = pending.subarray(end);
      onFrame(body.split("\0"));
    }
  });
}

export function sendFrame(socket, fields) {
  const body = Buffer.from(fields.join("\0"));
  const header = Buffer.alloc(HEADER);
  header.writeUInt32LE(body.length);
  socket.write(Buffer.concat([header, body]));
}
