/** Adds arrays up over all processes of an mpirun. */
export { Communicator, type OpenMpiOptions, openMpi } from "./communicator.js";
export { MpiError } from "./errors.js";
