import type { RequestHandler } from "express";

/** Only what this server itself serves may run, style, load or frame; nothing inline. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const headers = {
  "Content-Security-Policy": contentSecurityPolicy,
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "same-origin", // with no-referrer, browsers send forms with Origin: null
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
};

/** A year. */
const httpsOnly = "max-age=31536000";

/** Sets the headers of every answer, whatever it is. `https`: browsers are told to come by https only; by plain http they do not listen. */
export function securityHeaders(https: boolean): RequestHandler {
  return (_req, res, next) => {
    res.set(headers);
    if (https) res.set("Strict-Transport-Security", httpsOnly);
    next();
  };
}

/** Refuses bodies that are larger, or that do not say how large they are (RFC 9110 15.5.12), before reading them. */
export function capBody(maxBytes: number): RequestHandler {
  return (req, res, next) => {
    const tooLarge = Number(req.headers["content-length"] ?? 0) > maxBytes;
    const unmeasured = req.headers["transfer-encoding"] !== undefined;
    if (!tooLarge && !unmeasured) return next();
    res
      .status(tooLarge ? 413 : 411)
      .set("Connection", "close") // the rest of the body is not worth reading
      .type("text")
      .send(tooLarge ? `At most ${maxBytes} bytes are taken here.` : "Send a Content-Length with the body.");
  };
}
