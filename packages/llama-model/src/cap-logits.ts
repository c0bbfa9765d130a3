/**
 * Bounds logits in place: c · tanh(x / c) each (Gemma 2's final_logit_softcapping).
 * @param softcap c; 0 leaves them as they are.
 */
export function capLogits(logits: Float32Array, softcap: number): void {
  if (softcap === 0) return;
  for (let i = 0; i < logits.length; i++) logits[i] = softcap * Math.tanh(logits[i]! / softcap);
}
