// Clients of Socket.IO, driven by a test: one JSON line a command on stdin, one JSON line an event on stdout.
//
// {"do": "open", "client", "url", "options"}   connect a client; options are socket.io-client's own
// {"do": "emit", "client", "event", "args", "ack"?}   with an id in `ack`, its answer comes as the event "ack"
// {"do": "auth", "client", "auth"}   what the client says when it connects the next time
// {"do": "connect" | "disconnect" | "cut" | "pause" | "forget", "client"}
//
// Every event of a client comes as {"client", "event", "args"}. Bytes are {"base64": "..."} both ways.
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const clients = new Map();

function decode(value) {
  if (Array.isArray(value)) return value.map(decode);
  if (value === null || typeof value !== "object") return value;
  if (typeof value.base64 === "string") return Buffer.from(value.base64, "base64");
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, decode(inner)]));
}

function encode(value) {
  return Buffer.isBuffer(value) ? { base64: value.toString("base64") } : value;
}

function tell(client, event, ...args) {
  process.stdout.write(`${JSON.stringify({ client, event, args: args.map(encode) })}\n`);
}

function open(name, url, options) {
  const socket = io(url, { forceNew: true, ...options });
  clients.set(name, socket);
  socket.on("connect", () => tell(name, "connect", socket.io.engine.transport.name));
  socket.on("connect_error", (error) => tell(name, "connect_error", error.message, error.data ?? null));
  socket.on("disconnect", (reason) => tell(name, "disconnect", reason));
  socket.onAny((event, ...args) => tell(name, event, ...args));
}

function run(command) {
  const socket = clients.get(command.client);
  switch (command.do) {
    case "open":
      open(command.client, command.url, command.options);
      break;
    case "emit": {
      const args = decode(command.args);
      if (command.ack !== undefined) args.push((answer) => tell(command.client, "ack", command.ack, answer));
      socket.emit(command.event, ...args);
      break;
    }
    case "auth":
      socket.auth = command.auth;
      break;
    case "connect":
      socket.connect();
      break;
    case "disconnect":
      socket.disconnect();
      break;
    case "cut": // as a failing network does
      socket.io.engine.transport.ws.terminate();
      break;
    case "pause": // it does not read any more
      socket.io.engine.transport.ws.pause();
      break;
    case "forget": // it goes, and looks for its server no more
      socket.io.reconnection(false);
      socket.disconnect();
      socket.io.engine?.transport?.ws?.terminate();
      socket.offAny();
      socket.off();
      clients.delete(command.client);
      break;
  }
}

createInterface({ input: process.stdin })
  .on("line", (line) => run(JSON.parse(line)))
  .on("close", () => process.exit(0));
