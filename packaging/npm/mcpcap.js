#!/usr/bin/env node
// Runs the executable of this platform's package, as if it were called itself.
"use strict";

const { spawn } = require("node:child_process");
const os = require("node:os");

const platform = `${process.platform}-${process.arch}`;

function executable() {
  try {
    return require.resolve(`@mcpcap/${platform}/bin/mcpcap`);
  } catch {
    process.stderr.write(
      `mcpcap: there is no executable for ${platform}: the package @mcpcap/${platform} is not installed.\n` +
        "Ready-made ones are for Linux on x64 and arm64 (npm installs them as optional dependencies);\n" +
        "elsewhere build it: https://github.com/mcpcap/mcpcap-lua\n",
    );
    process.exit(1);
  }
}

const child = spawn(executable(), process.argv.slice(2), { stdio: "inherit" });

// Who ends this process means the one that works; a terminal tells both by itself.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]) {
  process.on(signal, () => {
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  });
}

child.on("error", (problem) => {
  process.stderr.write(`mcpcap: ${problem.message}\n`);
  process.exit(1);
});
child.on("exit", (code, signal) => {
  process.exit(signal ? 128 + os.constants.signals[signal] : code);
});
