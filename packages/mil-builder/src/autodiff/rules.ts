/** The rules of all ops, from the file beside each family's definitions. */
import { ACTIVATION_GRADIENTS } from "../ops/activation-gradient.js";
import { ATTENTION_GRADIENTS } from "../ops/attention-gradient.js";
import { COMPRESSION_GRADIENTS } from "../ops/compression-gradient.js";
import { JOINING_GRADIENTS } from "../ops/concat-gradient.js";
import { CONTROL_FLOW_GRADIENTS } from "../ops/control-flow-gradient.js";
import { CONVOLUTION_GRADIENTS } from "../ops/conv-gradient.js";
import { CUMSUM_GRADIENTS } from "../ops/cumsum-gradient.js";
import { DETECTION_GRADIENTS } from "../ops/detection-gradient.js";
import { ELEMENTWISE_BINARY_GRADIENTS } from "../ops/elementwise-binary-gradient.js";
import { ELEMENTWISE_UNARY_GRADIENTS } from "../ops/elementwise-unary-gradient.js";
import { FILLING_GRADIENTS } from "../ops/fill-gradient.js";
import { GATHERING_GRADIENTS } from "../ops/gather-gradient.js";
import { LINEAR_GRADIENTS } from "../ops/linear-gradient.js";
import { LIST_GRADIENTS } from "../ops/list-gradient.js";
import { NORMALIZATION_GRADIENTS } from "../ops/normalization-gradient.js";
import { ORDERING_GRADIENTS } from "../ops/order-gradient.js";
import { PADDING_GRADIENTS } from "../ops/pad-gradient.js";
import { POOLING_GRADIENTS } from "../ops/pool-gradient.js";
import { QUANTIZATION_GRADIENTS } from "../ops/quantization-gradient.js";
import { RANDOM_GRADIENTS } from "../ops/random-gradient.js";
import { REARRANGING_GRADIENTS } from "../ops/rearrange-gradient.js";
import { RECURRENT_GRADIENTS } from "../ops/recurrent-gradient.js";
import { REDUCTION_GRADIENTS } from "../ops/reduction-gradient.js";
import { RESHAPING_GRADIENTS } from "../ops/reshape-gradient.js";
import { RESIZING_GRADIENTS } from "../ops/resize-gradient.js";
import { SAMPLING_GRADIENTS } from "../ops/sample-gradient.js";
import { SCATTERING_GRADIENTS } from "../ops/scatter-gradient.js";
import { SLICING_GRADIENTS } from "../ops/slice-gradient.js";
import { STATE_GRADIENTS } from "../ops/states-gradient.js";
import type { Rules } from "./vjp.js";

export const RULES: Rules = {
  ...ELEMENTWISE_UNARY_GRADIENTS,
  ...ELEMENTWISE_BINARY_GRADIENTS,
  ...ACTIVATION_GRADIENTS,
  ...REDUCTION_GRADIENTS,
  ...NORMALIZATION_GRADIENTS,
  ...QUANTIZATION_GRADIENTS,
  ...COMPRESSION_GRADIENTS,
  ...RANDOM_GRADIENTS,
  ...CUMSUM_GRADIENTS,
  ...CONTROL_FLOW_GRADIENTS,
  ...ATTENTION_GRADIENTS,
  ...JOINING_GRADIENTS,
  ...CONVOLUTION_GRADIENTS,
  ...DETECTION_GRADIENTS,
  ...FILLING_GRADIENTS,
  ...GATHERING_GRADIENTS,
  ...LINEAR_GRADIENTS,
  ...LIST_GRADIENTS,
  ...ORDERING_GRADIENTS,
  ...PADDING_GRADIENTS,
  ...POOLING_GRADIENTS,
  ...REARRANGING_GRADIENTS,
  ...RECURRENT_GRADIENTS,
  ...RESHAPING_GRADIENTS,
  ...RESIZING_GRADIENTS,
  ...SAMPLING_GRADIENTS,
  ...SCATTERING_GRADIENTS,
  ...SLICING_GRADIENTS,
  ...STATE_GRADIENTS,
};
