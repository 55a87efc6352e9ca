import express, { Router } from "express";

const maxBody = "64kb";

/**
 * Where asynchronous services tell that a task has ended: POST /:secret, any body. Wrong and used secrets get the same
 * 404; nothing of the request is logged, because the secret is part of its address.
 */
export function createCallbacks(receive: (secret: string, body: string) => Promise<boolean>): Router {
  const router = Router();
  router.use(express.text({ type: () => true, limit: maxBody }));
  router.post("/:secret", async (req, res) => {
    const known = await receive(req.params.secret, typeof req.body === "string" ? req.body : "");
    res
      .status(known ? 200 : 404)
      .type("text")
      .send(known ? "ok" : "There is nothing here.");
  });
  return router;
}
