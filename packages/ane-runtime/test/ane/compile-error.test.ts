/** What a refused program is reported with: the framework's text, the line, the chip, the verifier's findings. */
import { buildProgram, print, tensor } from "@ane/mil-builder";
import { describe, expect, it } from "vitest";
import { type CompileAttempt, compileError } from "../../src/ane/compile-error.js";
import { nativeFailure } from "./native-failure.js";

const sound = buildProgram({}, (f) => {
  const x = f.input("x", tensor("fp16", [1, 4, 1, 64]));
  return { out: f.mul({ x, y: 2 }) };
});
/** The width of its rows breaks the row rule, and the op is on the list of those that the engine refuses. */
const refused = buildProgram({}, (f) => {
  const x = f.input("x", tensor("fp16", [1, 4, 1, 33]));
  return { out: f.acos({ x }) };
});

function attempt(program = sound, target: CompileAttempt["target"] = {}): CompileAttempt {
  const text = print(program);
  return { kernel: "k", program, text, machine: "Apple M1, h13", target, loadedKernels: 5 };
}

const compilerFailure = (message: string, details = "") =>
  nativeFailure(message, {
    step: "compile",
    domain: "com.apple.appleneuralengine.compiler",
    errorCode: 1,
    details,
  });

describe("compileError", () => {
  it("has the framework's text, domain and code, the chip and the program", () => {
    const failure = compilerFailure("_ANECompiler : ANECCompile() FAILED");
    const error = compileError(attempt(), failure);
    expect(error.code).toBe("ERR_COMPILE");
    expect(error.message).toMatch(
      /^k: compile: .*got _ANECompiler : ANECCompile\(\) FAILED \(com\.apple\.appleneuralengine\.compiler code 1\)\./,
    );
    expect(error.message).toContain("\n  chip: Apple M1, h13");
    expect(error.message).toContain("Take away ops until it compiles");
    expect(error.mil).toBe(print(sound));
    expect(error.findings).toEqual([]);
    expect(error.line).toBeUndefined();
    expect(error.cause).toBe(failure);
  });

  it.each(["InvalidMILProgram at line 6", "model.mil:6:12: unknown op"])(
    "shows the line that %s names",
    (message) => {
      const error = compileError(attempt(), compilerFailure(message));
      const lines = print(sound).split("\n");
      expect(error.line).toBe(6);
      expect(error.message).toContain(`  > 6 | ${lines[5]}`);
      expect(error.message).toContain(`    5 | ${lines[4]}`);
      expect(error.message).not.toContain(" | program(1.3)");
    },
  );

  it("finds the line in userInfo, and takes none that the program does not have", () => {
    const inDetails = compilerFailure("CompilationFailure", "NSUnderlyingError: line 2\n");
    expect(compileError(attempt(), inDetails).line).toBe(2);
    expect(compileError(attempt(), compilerFailure("line 4000")).line).toBeUndefined();
  });

  it("lists the verifier's findings, with the chip's own", () => {
    const error = compileError(
      attempt(refused, { chip: "m1" }),
      compilerFailure("InvalidMILProgram"),
    );
    const anywhere = compileError(attempt(refused), compilerFailure("InvalidMILProgram"));
    expect(error.findings.length).toBeGreaterThan(anywhere.findings.length);
    expect(error.findings.some(({ where }) => where.includes("acos"))).toBe(true);
    expect(error.message).toContain("Change what the verifier names below");
    expect(error.message).toMatch(/\n {4}(error|warning) [a-z-]+: main: /);
  });

  it("says what helps where it was not the compiler", () => {
    const load = nativeFailure("Program load failure", { step: "load" });
    expect(compileError(attempt(), load).message).toMatch(
      /load the compiled program.*5 are loaded/,
    );
    const folder = nativeFailure("/t/x: Permission denied", { step: "folder" });
    const message = compileError(attempt(refused), folder).message;
    expect(message).toMatch(/temporary folder, got \/t\/x: Permission denied\. .*TMPDIR/);
    expect(message).not.toContain("verifier");
  });
});
