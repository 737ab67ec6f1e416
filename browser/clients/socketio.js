// As much of Socket.IO 5 over Engine.IO 4 as these pages need: one namespace, WebSocket alone, one binary part.
//
// The official client is what others use, and what the relay is tested with. A page of this project brings nothing
// along that is not its own and loads nothing from elsewhere, so it speaks the protocol itself:
// https://socket.io/docs/v4/socket-io-protocol/ and https://socket.io/docs/v4/engine-io-protocol/

import { ClientSocket, parse } from "./client-socket.js";

const PATH = "socket.io/?EIO=4&transport=websocket";
const ENGINE = { open: "0", close: "1", ping: "2", pong: "3", message: "4" };
const PACKET = { connect: "0", disconnect: "1", event: "2", ack: "3", refused: "4", binary: "5" };
const HEAD = /^(\d)(?:(\d+)-)?(?:\/[^,]*,)?(\d*)/; // type, attachments, namespace, id of an acknowledgement

/**
 * `auth()` gives what CONNECT says; `onConnect` comes when the relay has taken it, `onEvent(name, ...values)` with each
 * event. `socket` is the connection below, `connected` says that events can be sent.
 */
export class SocketIo {
  connected = false;
  #wasConnected = false;
  #auth;
  #onEvent;
  #onConnect;
  #onPhase;
  #acknowledge = new Map(); // id -> function
  #nextId = 0;
  #waiting = null; // an event whose binary part has not come yet
  #patience = 0; // ms without a ping after which the connection is dead
  #watchdog = null;

  constructor({ auth, log, onConnect, onEvent, onPhase }) {
    this.#auth = auth;
    this.#onEvent = onEvent;
    this.#onConnect = onConnect;
    this.#onPhase = onPhase;
    this.socket = new ClientSocket({
      path: () => PATH,
      log,
      showsToken: false, // CONNECT says it
      onText: (text) => this.#takeFrame(text[0], text.slice(1)),
      onBinary: (buffer) => this.#takeAttachment(buffer),
      onPhase: () => this.#phaseChanged(),
    });
  }

  /** The connection as a page's state needs it: it is open when the relay has taken CONNECT. */
  get standing() {
    const phase = this.socket.isOpen && !this.connected ? "connecting" : this.socket.phase;
    return { ...this.socket, phase, wasOpen: this.#wasConnected };
  }

  open() {
    this.socket.open();
  }

  /** False when it could not be sent. `onAck(value)`, if given, is called with what the relay acknowledges it with. */
  emit(name, value, onAck = null) {
    if (!this.connected) return false;
    let id = "";
    if (onAck !== null) {
      id = this.#nextId++;
      this.#acknowledge.set(id, onAck);
    }
    const values = value === undefined ? [name] : [name, value];
    return this.#message(PACKET.event + id + JSON.stringify(values));
  }

  /** An event with one binary part, a Blob or a typed array. */
  emitBinary(name, data) {
    if (!this.connected) return false;
    const head = `${PACKET.binary}1-${JSON.stringify([name, { _placeholder: true, num: 0 }])}`;
    return this.#message(head) && this.socket.send(data);
  }

  #message(packet) {
    return this.socket.send(ENGINE.message + packet);
  }

  #takeFrame(type, rest) {
    this.#watch();
    if (type === ENGINE.open) {
      const { pingInterval, pingTimeout } = parse(rest);
      this.#patience = pingInterval + pingTimeout;
      this.#message(PACKET.connect + JSON.stringify(this.#auth()));
    } else if (type === ENGINE.ping) this.socket.send(ENGINE.pong + rest);
    else if (type === ENGINE.close) this.socket.retry();
    else if (type === ENGINE.message) this.#takePacket(rest);
  }

  #takePacket(text) {
    const [head, type, attachments, id] = HEAD.exec(text);
    const json = text.slice(head.length);
    const value = json === "" ? undefined : JSON.parse(json);
    if (type === PACKET.connect) {
      this.connected = this.#wasConnected = true;
      this.#onConnect();
      this.#onPhase();
    } else if (type === PACKET.refused) this.#refused(value);
    else if (type === PACKET.disconnect) this.socket.stop(this.socket.reason);
    else if (type === PACKET.event) this.#onEvent(...value);
    else if (type === PACKET.binary && attachments === "1") this.#waiting = value;
    else if (type === PACKET.ack) {
      this.#acknowledge.get(Number(id))?.(...value);
      this.#acknowledge.delete(Number(id));
    }
  }

  #takeAttachment(buffer) {
    this.#watch();
    if (this.#waiting === null) return;
    const values = this.#waiting.map((value) => (value?._placeholder ? buffer : value));
    this.#waiting = null;
    this.#onEvent(...values);
  }

  // CONNECT was not taken: `data` says why, and whether it may be later.
  #refused({ message, data }) {
    if (data?.retryable) this.socket.retry(message);
    else this.socket.stop(message, data?.code === "unauthorized");
  }

  #watch() {
    clearTimeout(this.#watchdog);
    if (this.#patience > 0) this.#watchdog = setTimeout(() => this.socket.retry(), this.#patience);
  }

  #phaseChanged() {
    if (!this.socket.isOpen) {
      this.connected = false;
      this.#waiting = null;
      this.#patience = 0;
      this.#acknowledge.clear();
      clearTimeout(this.#watchdog);
    }
    this.#onPhase();
  }
}
