/** From the framework's texts to statuses, causes and remedies. */
import { describe, expect, it } from "vitest";
import { evaluationError, statusOf } from "../../src/ane/evaluation-error.js";
import { nativeFailure } from "./native-failure.js";

const driverText = (status: string) =>
  `processRequest:model:qos:qIndex:modelStringID:options:returnValue:error:: ANEProgramProcessRequestDirect() Failed with status=${status} : statusType=0x9`;

describe("statusOf", () => {
  it.each([
    [driverText("0x1d"), 0x1d],
    [driverText("0x2"), 0x2],
    ["status = 15", 15],
    ["Program load failure", undefined],
    ["statusType=0x9", undefined],
  ])("%s", (text, status) => {
    expect(statusOf(text)).toBe(status);
  });
});

describe("evaluationError", () => {
  it.each([
    ["0x1d", 0x1d, /status 0x1d, program inference error: .*size, stride or order.*`tile`/],
    ["0x2", 0x2, /status 0x2, the request names a symbol index/],
    ["0xe", 14, /status 0xe, program not found/],
    ["0xf", 15, /status 0xf, program inference timeout/],
    ["0x12", 18, /status 0x12, the request was cancelled/],
    ["0x77", 0x77, /status 0x77, a status with no publicly known cause/],
  ])("explains status %s", (text, status, message) => {
    const failure = nativeFailure(driverText(text), {
      domain: "com.apple.appleneuralengine",
      errorCode: 8,
    });
    const error = evaluationError("fwdAttn[3]", failure);
    expect(error.code).toBe("ERR_EVALUATION");
    expect(error.kernel).toBe("fwdAttn[3]");
    expect(error.status).toBe(status);
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^fwdAttn\[3\]: evaluate: /);
    expect(error.message).toContain(`${driverText(text)} (com.apple.appleneuralengine code 8)`);
    expect(error.cause).toBe(failure);
  });

  it("finds the status in userInfo, and shows what userInfo adds", () => {
    const details = "NSLocalizedDescription: It failed\nNSUnderlyingError: status=0x1d\n";
    const error = evaluationError("k", nativeFailure("It failed", { details }));
    expect(error.status).toBe(0x1d);
    expect(error.message).toContain("\n  NSUnderlyingError: status=0x1d");
    expect(error.message).not.toContain("NSLocalizedDescription");
  });

  it("names an exception", () => {
    const failure = nativeFailure("boom", { exception: "NSInvalidArgumentException" });
    const error = evaluationError("k", failure);
    expect(error.status).toBeUndefined();
    expect(error.message).toContain("got an exception.");
    expect(error.message).toContain("NSInvalidArgumentException: boom");
  });

  it("says what was refused where there is neither", () => {
    const refused = nativeFailure("returned NO without an NSError");
    expect(evaluationError("k", refused).message).toMatch(
      /got a refusal without a status\. Compile/,
    );
    const unload = nativeFailure("returned NO", { step: "unload" });
    expect(evaluationError("k", unload).message).toMatch(/^k: unload: .*is freed/);
    const surface = nativeFailure("IOSurfaceCreate returned NULL", { step: "surface" });
    expect(evaluationError("k", surface).message).toMatch(/^k: surface: .*no memory or no lock/);
  });
});
