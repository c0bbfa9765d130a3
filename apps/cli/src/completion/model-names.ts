/** Names of the models that are known. Loaded only when asked for: a command line that is merely parsed needs no models. */
export async function modelNames(): Promise<readonly string[]> {
  const { presets } = await import("@ane/llama-model");
  return Object.keys(presets);
}
