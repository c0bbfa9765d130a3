/** What is reported about the engine but does not show in a program, with the reason. */

export interface UncheckedFact {
  readonly fact: string;
  readonly source: string;
  /** Why no rule checks it. */
  readonly reason: string;
}

const RUN_TIME = "happens when programs are run, whatever they contain";
const DATA = 'depends on the data; `interpret` with numerics "ane" shows it';
const UNSPECIFIC = "the report does not say which programs";

export const UNCHECKED_FACTS: readonly UncheckedFact[] = [
  {
    fact: "A weight file's header, metadata, alignment and reserved fields must be right",
    source: "coremltools MILBlob StorageFormat.hpp",
    reason: "is in the file and not in the program; `diagnoseBlobFile` checks it",
  },
  {
    fact: "In the dictionary of weights that goes with the program, `offset` stays 0",
    source: "Orion docs/ane_api_reference.md",
    reason: "is in the call of the compiler",
  },
  {
    fact: "M1 rejects reserved names of variables",
    source: "imperatormk",
    reason: "the report does not list the names",
  },
  {
    fact: "sqrt is fused wrongly on M1",
    source: "imperatormk",
    reason: UNSPECIFIC,
  },
  {
    fact: "Some programs fail in ANECCompile on macOS 26",
    source: "Espresso issue 18",
    reason: UNSPECIFIC,
  },
  {
    fact: "dim is best a multiple of 128, hidden a multiple of 16",
    source: "rustane",
    reason: "is about speed and about a model's dims, which a program does not name",
  },
  {
    fact: "topk, sort, slices with computed starts and texture ops need A14",
    source: "ANEForge",
    reason: "holds on every chip from M1 on",
  },
  {
    fact: "Overwriting weight files after compilation changes nothing, and weightsBuffer is ignored",
    source: "m5result.md, Orion #7",
    reason: RUN_TIME,
  },
  {
    fact: "Replacing the compiled `data` file does change the weights of a program with one blob",
    source: "Orion test_delta_compile.m",
    reason: RUN_TIME,
  },
  {
    fact: "Activations beyond ±65504 become infinite",
    source: "Orion RESULTS, maderix/ANE mil_dynamic.h",
    reason: `${DATA}; constants are checked by constant-range`,
  },
  {
    fact: "Sums of conv and matmul of magnitude 32768 (32752 by another report) become infinite",
    source: "ANEForge, 751K",
    reason: DATA,
  },
  {
    fact: "log and rsqrt of values below 7.63e-6 are infinite",
    source: "libane",
    reason: `${DATA}; the epsilon is checked by small-argument`,
  },
  {
    fact: "Gradients underflow without a loss scale (256)",
    source: "maderix/ANE",
    reason: `${DATA}; see numerics.md`,
  },
  {
    fact: "Throughput of two-die chips falls after some 100,000 evaluations",
    source: "rustane pull request 9",
    reason: RUN_TIME,
  },
  {
    fact: "Programs must be compiled after the checkpoint's weights are loaded",
    source: "Orion",
    reason: RUN_TIME,
  },
  {
    fact: "A process can compile some 119 programs",
    source: "maderix, libane, ANEForge",
    reason: RUN_TIME,
  },
];
