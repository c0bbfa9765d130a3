// A program that trains, to be killed: options as JSON in argv[2], a line per micro-step on standard output.
import { train } from "../../dist/index.js";

for await (const event of train(JSON.parse(process.argv[2]))) {
  if (event.type === "step") process.stdout.write(`${JSON.stringify([event.step, event.loss])}\n`);
}
