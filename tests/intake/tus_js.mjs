// A growing part by tus-js-client: length sent at the end, the line cut in mid-chunk, resumed by a second client.
// Asks for: URL, part name, the file to send, then the files of authority, certificate and key. Prints one line of JSON.
import { createReadStream, readFileSync, statSync } from "node:fs";
import { Agent } from "node:https";
import * as tus from "tus-js-client";

const [url, name, path, ca, cert, key] = process.argv.slice(2);
const tls = { ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key) };
const size = statSync(path).size;
const chunkSize = 131072;

class Line extends Agent {
  sockets_ = new Set();
  createConnection(...given) {
    const socket = super.createConnection(...given);
    this.sockets_.add(socket);
    return socket;
  }
  cut() {
    for (const socket of this.sockets_) socket.destroy();
  }
}

function send(source, more) {
  const line = new Line({ ...tls, keepAlive: true });
  let accepted = 0;
  return new Promise((resolve, reject) => {
    const upload = new tus.Upload(source, {
      endpoint: url,
      metadata: { filename: name },
      chunkSize,
      uploadLengthDeferred: true,
      retryDelays: null,
      httpStack: new tus.DefaultHttpStack({ agent: line }),
      onChunkComplete: (_size, sofar) => (accepted = sofar),
      onProgress: (sent) => more.cutAt && sent >= more.cutAt && line.cut(),
      onError: (error) => (more.cutAt ? resolve({ upload, accepted, error: String(error) }) : reject(error)),
      onSuccess: () => resolve({ upload, accepted, error: null }),
      ...more,
    });
    upload.start();
  }).finally(() => line.destroy());
}

const first = await send(createReadStream(path), { cutAt: 2 * chunkSize + 40000 });
const offsets = [];
const onAfterResponse = (asked, answer) => {
  if (asked.getMethod() === "HEAD") offsets.push(Number(answer.getHeader("Upload-Offset")));
};
const resumed = await send(readFileSync(path), { uploadUrl: first.upload.url, onAfterResponse });
const report = { cut: first.error, accepted: first.accepted, resumed: offsets[0], url: resumed.upload.url };
process.stdout.write(JSON.stringify(report) + "\n");
