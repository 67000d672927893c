// A growing part by tus-js-client: length told at the end, cut in the middle, resumed by a second client.
// Asks for: URL, part name, the file to send, then the files of authority, certificate and key. Prints one line of JSON.
import { createReadStream, readFileSync, statSync } from "node:fs";
import * as tus from "tus-js-client";

const [url, name, path, ca, cert, key] = process.argv.slice(2);
const tls = { ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key) };
const size = statSync(path).size;
const chunkSize = 65536;

function send(source, more) {
  return new Promise((resolve, reject) => {
    const upload = new tus.Upload(source, {
      endpoint: url,
      metadata: { filename: name },
      chunkSize,
      uploadLengthDeferred: true,
      retryDelays: null,
      httpStack: new tus.DefaultHttpStack(tls),
      onError: reject,
      onSuccess: () => resolve({ upload, cut: false }),
      ...more,
      onChunkComplete: (_size, accepted) => {
        if (more.cutAt && accepted >= more.cutAt) upload.abort().then(() => resolve({ upload, cut: true, accepted }));
      },
    });
    upload.start();
  });
}

const first = await send(createReadStream(path), { cutAt: size / 2 });
const resumed = await send(readFileSync(path), { uploadUrl: first.upload.url });
process.stdout.write(JSON.stringify({ cut: first.cut, accepted: first.accepted, url: resumed.upload.url }) + "\n");
