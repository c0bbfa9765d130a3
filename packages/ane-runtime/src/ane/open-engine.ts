/** Opens the Neural Engine: addon, framework, machine. */
import type { DeviceOptions } from "../device.js";
import { UnavailableError } from "../errors.js";
import { AneDevice } from "./device.js";
import { describeEngine, describeSystem, engineInfo } from "./engine-info.js";
import { frameworkText, isNativeFailure } from "./framework-error.js";
import { loadAddon } from "./load-addon.js";
import type { NativeAddon } from "./native.js";

/**
 * @param chosenBy end of the description, such as `; chosen by "auto"`
 * @throws UnavailableError naming what is missing: platform, addon, framework, class, selector or engine
 */
export function openEngine(options: DeviceOptions, chosenBy = ""): AneDevice {
  const addon = loadAddon();
  openFramework(addon);
  const info = engineInfo(addon.deviceInfo(), addon.systemInfo());
  if (addon.deviceInfo().hasEngine === false) {
    throw new UnavailableError(
      `the framework must find a Neural Engine, got none (${describeEngine(info)}). ` +
        'Virtual machines have none: run on the Mac itself, or use openDevice("cpu").',
    );
  }
  return new AneDevice(addon, info, `ane: ${describeEngine(info)}${chosenBy}`, options);
}

function openFramework(addon: NativeAddon): void {
  try {
    addon.open();
  } catch (cause) {
    if (!isNativeFailure(cause)) throw cause;
    const { version, build } = addon.systemInfo();
    const system = describeSystem({ osVersion: version || null, osBuild: build || null });
    throw new UnavailableError(
      `the private framework AppleNeuralEngine must have what this package calls, got: ${frameworkText(cause)} on ${system}. ` +
        'This package knows macOS 13 to 26: report this system, or use openDevice("cpu").',
      { cause },
    );
  }
}
