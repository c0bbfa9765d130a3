// A rank that trains: options as JSON in argv[2]; its events as lines of JSON, and on SIGTERM an interruption.
import { train } from "../../dist/index.js";

const stop = new AbortController();
process.on("SIGTERM", () => stop.abort());
const { pid } = process;
try {
  for await (const event of train({ ...JSON.parse(process.argv[2]), signal: stop.signal })) {
    process.stdout.write(`${JSON.stringify({ pid, ...event })}\n`);
  }
} catch (error) {
  process.stderr.write(`${error.name}: ${error.message}\n`);
  process.exitCode = 75;
}
