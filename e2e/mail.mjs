// Mail by hand: a sender that speaks to Havn's port, and a receiving server whose answers are written in advance.
import { createServer, connect } from "node:net";

const TALK_MILLISECONDS_MAX = 20_000;

// Sends one raw mail by SMTP; resolves at the 250 of its end, rejects with the server's words.
export function sendMail(address, { from, to, raw }) {
  const [host, port] = address.split(":");
  const lines = [`EHLO sender.example`, `MAIL FROM:<${from}>`, ...[to].flat().map((one) => `RCPT TO:<${one}>`), "DATA"];
  const body = `${raw.replaceAll(/\r?\n/g, "\r\n").replaceAll(/^\./gm, "..")}\r\n.`;
  const talk = [...lines, body, "QUIT"];
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), host);
    socket.setTimeout(TALK_MILLISECONDS_MAX, () => socket.destroy(new Error("the mail server is silent")));
    let heard = "";
    let said = 0;
    socket.on("data", (data) => {
      heard += data.toString("latin1");
      for (let end; (end = heard.indexOf("\r\n")) >= 0; heard = heard.slice(end + 2)) {
        const line = heard.slice(0, end);
        if (line[3] === "-") continue;
        if (/^[45]/.test(line)) return socket.destroy(new Error(line));
        if (said === talk.length - 1) resolve(line);
        if (said < talk.length) socket.write(`${talk[said++]}\r\n`);
      }
    });
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the mail server hung up")));
  });
}

let written = 0;

// A mail as a plain person writes it.
export function plainMail({ from, to, subject, text, id = newId(), ...headers }) {
  const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [
    `From: ${from}`, `To: ${to}`, `Subject: ${subject}`, `Message-ID: <${id}>`, `Date: ${new Date().toUTCString().replace("GMT", "+0000")}`,
    ...more, "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", text,
  ].join("\r\n");
}

export const newId = () => `${Date.now()}.${++written}@sender.example`;

// A mail of several parts; each is { type, body, encoding?, headers? }, a Buffer goes as base64.
export function mailOfParts({ from, to, subject, kind = "mixed", id = newId() }, parts) {
  const boundary = `b${++written}b`;
  const head = [`From: ${from}`, `To: ${to}`, `Subject: ${subject}`, `Message-ID: <${id}>`, `Date: ${new Date().toUTCString().replace("GMT", "+0000")}`, "MIME-Version: 1.0", `Content-Type: multipart/${kind}; boundary=${boundary}`, ""];
  const bodies = parts.flatMap(({ type, body, headers = [] }) => [
    `--${boundary}`, `Content-Type: ${type}`, "Content-Transfer-Encoding: base64", ...headers, "", Buffer.from(body).toString("base64").replaceAll(/(.{76})/g, "$1\r\n"),
  ]);
  return [...head, ...bodies, `--${boundary}--`, ""].join("\r\n");
}

// A receiving SMTP server. `answers` gives for a recipient the answer to RCPT, or nothing for 250.
export async function startSink(answers = () => undefined) {
  const mails = [];
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    let heard = "";
    let mail = { recipients: [] };
    let reads = false;
    const say = (text) => socket.write(`${text}\r\n`);
    say("220 sink.example");
    socket.on("data", (data) => {
      heard += data.toString("latin1");
      for (;;) {
        const end = heard.indexOf(reads ? "\r\n.\r\n" : "\r\n");
        if (end < 0) return;
        const line = heard.slice(0, end);
        heard = heard.slice(end + (reads ? 5 : 2));
        if (reads) {
          mails.push({ ...mail, raw: Buffer.from(line.replaceAll(/^\.\./gm, "."), "latin1").toString("utf8") });
          [reads, mail] = [false, { recipients: [] }];
          say("250 kept");
        } else if (/^EHLO/i.test(line)) say("250-sink.example\r\n250-8BITMIME\r\n250 SMTPUTF8");
        else if (/^MAIL/i.test(line)) (mail.sender = address(line)), say("250 go on");
        else if (/^RCPT/i.test(line)) {
          const answer = answers(address(line));
          if (!answer) mail.recipients.push(address(line));
          say(answer ?? "250 go on");
        } else if (/^DATA/i.test(line)) mail.recipients.length ? ((reads = true), say("354 write")) : say("554 to nobody");
        else if (/^QUIT/i.test(line)) (say("221 good bye"), socket.end());
        else say("250 well");
      }
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const end = () => (server.close(), sockets.forEach((socket) => socket.destroy()));
  return { address: `127.0.0.1:${server.address().port}`, mails, end };
}

const address = (line) => line.match(/<([^>]*)>/)?.[1] ?? "";

// One header of a raw mail, unfolded; nothing if it is not there.
export function header(raw, name) {
  const head = raw.split("\r\n\r\n", 1)[0].replaceAll(/\r\n[ \t]+/g, " ");
  return head.split("\r\n").find((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))?.slice(name.length + 1).trim();
}
