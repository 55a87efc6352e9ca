/** In the place of a decoder's program: says that it is ready, and then hears nothing more. */
process.send?.({ ready: true }, () => process.disconnect());
setInterval(() => undefined, 1000);
