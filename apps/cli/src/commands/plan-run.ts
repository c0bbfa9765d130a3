/** Runs `ane plan`. */
import { calibrateCostModel, planTraining } from "@ane/trainer";
import type { Context } from "../context.js";
import { formatCalibration } from "../view/calibration.js";
import { formatPlan } from "../view/plan.js";
import type { PlanFlags } from "./plan.js";

export async function runPlan(
  this: Context,
  { calibration: showsCalibration, json, ...options }: PlanFlags,
): Promise<void> {
  const calibration = calibrateCostModel({ detailed: showsCalibration });
  const { stdout } = this.process;
  if (showsCalibration) {
    stdout.write(`${json ? JSON.stringify(calibration) : formatCalibration(calibration)}\n`);
    return;
  }
  const plan = planTraining(options, calibration);
  stdout.write(`${json ? JSON.stringify(plan) : formatPlan(plan, calibration)}\n`);
}
