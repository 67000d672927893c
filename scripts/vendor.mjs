// Copies what the site needs from node_modules to web/static/vendor (run by npm after each install).
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import path from "node:path";

const FILES = {
  "echarts/dist/echarts.common.min.js": "echarts/echarts.common.min.js",
  "echarts/LICENSE": "echarts/LICENSE",
  "echarts/NOTICE": "echarts/NOTICE",
  "wavesurfer.js/dist/wavesurfer.esm.js": "wavesurfer/wavesurfer.esm.js",
  "wavesurfer.js/dist/plugins/hover.esm.js": "wavesurfer/hover.esm.js",
  "wavesurfer.js/dist/plugins/regions.esm.js": "wavesurfer/regions.esm.js",
  "wavesurfer.js/dist/plugins/timeline.esm.js": "wavesurfer/timeline.esm.js",
  "wavesurfer.js/LICENSE": "wavesurfer/LICENSE",
};

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const vendor = path.join(root, "web", "static", "vendor");

rmSync(vendor, { recursive: true, force: true });
for (const [from, to] of Object.entries(FILES)) {
  const target = path.join(vendor, to);
  mkdirSync(path.dirname(target), { recursive: true });
  copyFileSync(path.join(root, "node_modules", from), target);
}
