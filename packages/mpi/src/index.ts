/** Adds arrays up over all processes of an mpirun, and shares them. */
export { Communicator, type OpenMpiOptions, openMpi, underMpirun } from "./communicator.js";
export { MpiError } from "./errors.js";
