import { TrainerError } from "../errors.js";

/** A model or layer that cannot be what its author wrote; `where` names it. */
export class DefinitionError extends TrainerError {
  constructor(where: string, message: string, options?: ErrorOptions) {
    super("ERR_DEFINITION", `${where}: ${message}`, options);
  }
}
