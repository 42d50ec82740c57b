// A human agent's desk with the official client: told what to do by lines of JSON `[what, data]`, it says in the same way what it hears.
const { io } = require("socket.io-client");
const say = (what, data) => console.log(JSON.stringify([what, data ?? null]));
let socket;
const acts = {
  open({ url, options }) {
    socket = io(url, { forceNew: true, reconnectionDelay: 50, reconnectionDelayMax: 100, ...options });
    socket.on("connect", () => say("connected", { transport: socket.io.engine.transport.name, recovered: socket.recovered }));
    socket.on("connect_error", (error) => say("refused", { message: error.message, status: error.context?.status ?? null, body: error.context?.responseText ?? null }));
    socket.on("disconnect", (reason) => say("gone", { reason }));
    socket.onAny((name, data) => say("heard", { name, data, at: Date.now() }));
  },
  async ask({ event, data }) {
    try {
      say("answer", await socket.timeout(10000).emitWithAck(event, data));
    } catch (error) {
      say("answer", { none: error.message });
    }
  },
  // The network is gone, not the desk: the client comes back by itself.
  lose() {
    socket.io.engine.close();
  },
  close() {
    socket.disconnect();
  },
};
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const [what, data] = JSON.parse(line);
  acts[what](data);
}).on("close", () => process.exit(0));
