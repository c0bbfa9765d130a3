/** What can be wrong with how a dashboard is asked for; messages are meant for the user. */

export type DashboardErrorCode = "ERR_DASHBOARD_HOST" | "ERR_DASHBOARD_PORT";

/** The dashboard cannot be served as asked. */
export class DashboardError extends Error {
  override readonly name = "DashboardError";
  readonly code: DashboardErrorCode;

  constructor(code: DashboardErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
