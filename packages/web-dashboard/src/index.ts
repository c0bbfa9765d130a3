/** Training runs in a browser: a server on this machine and one self-contained page. */

export { DashboardError, type DashboardErrorCode } from "./errors.js";
export { type Dashboard, type DashboardOptions, serveDashboard } from "./serve-dashboard.js";
