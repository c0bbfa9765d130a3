/** The page as it was built into one piece of HTML, and what its browser is told to allow it. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

export interface Page {
  readonly html: Buffer;
  /** Tells this page from that of another version. */
  readonly digest: string;
  /** Nothing but the script and the style that are in it, and requests to where it came from. */
  readonly contentSecurityPolicy: string;
}

export function loadPage(): Page {
  const html = readFileSync(new URL("../generated/page.html", import.meta.url));
  const text = html.toString("utf8");
  return {
    html,
    digest: sha256(text, "hex").slice(0, 16),
    contentSecurityPolicy: [
      "default-src 'none'",
      `script-src ${sources(text, "script")}`,
      `style-src ${sources(text, "style")}`,
      "connect-src 'self'",
      "img-src data: blob:",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join("; "),
  };
}

/** Digests of the inline elements of a kind. */
function sources(html: string, tag: "script" | "style"): string {
  const bodies = [...html.matchAll(new RegExp(`<${tag}[^>]*>([\\s\\S]*?)</${tag}>`, "g"))];
  return bodies.map(([, body]) => `'sha256-${sha256(body!, "base64")}'`).join(" ");
}

function sha256(text: string, encoding: "hex" | "base64"): string {
  return createHash("sha256").update(text).digest(encoding);
}
