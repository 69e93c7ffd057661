// Sends the capture as the body of one request, with a bar while it goes, and shows
// the report that comes back.  Without this script the form does the same, plainly.
(function () {
  "use strict";

  var byId = function (id) { return document.getElementById(id); };
  var form = byId("form"), input = byId("capture"), drop = byId("drop"), status = byId("status");
  var bar = byId("bar"), send = byId("send"), result = byId("result"), frame = byId("report");
  var save = byId("save");

  byId("host").textContent = location.host;

  function megabytes(bytes) {
    return bytes < 1e6 ? Math.max(1, Math.round(bytes / 1e3)) + " kB" : (bytes / 1e6).toFixed(1) + " MB";
  }

  function showChoice() {
    var file = input.files[0];
    byId("what").textContent = file ? file.name : "Choose a capture, or drop one here";
    byId("hint").textContent = file ? megabytes(file.size) : "pcap or pcapng, also compressed";
  }

  function say(text, isBad) {
    status.textContent = text;
    status.className = isBad ? "bad" : "";
  }

  function idle() {
    bar.hidden = true;
    send.disabled = false;
  }

  function failureOf(request) {
    try {
      return JSON.parse(request.responseText).error.message;
    } catch (_) {
      var page = new DOMParser().parseFromString(request.responseText, "text/html").querySelector("p");
      return page ? page.textContent : "the server answered " + request.status;
    }
  }

  // As high as what it shows; twice, because the scroll bar that goes leaves room.
  function fit() {
    var page = frame.contentDocument;
    if (page && page.body) {
      frame.style.height = page.body.offsetHeight + 2 + "px";
      frame.style.height = page.body.offsetHeight + 2 + "px";
    }
  }

  // The frame runs no script, and need not: a report is whole without the one that it carries.  A saved one has it.
  function showReport(text, name) {
    frame.onload = fit;
    frame.srcdoc = text.replace(/<script\b[^>]*>[\s\S]*?<\/script>/g, "");
    if (save.href) {
      URL.revokeObjectURL(save.href);
    }
    save.href = URL.createObjectURL(new Blob([text], { type: "text/html" }));
    save.download = name.replace(/\.[^.]*$/, "") + "-report.html";
    result.hidden = false;
    form.hidden = true;
    say("");
  }

  form.addEventListener("submit", function (event) {
    var file = input.files[0];
    if (!file) {
      return;
    }
    event.preventDefault();
    var query = new URLSearchParams({ name: file.name });
    ["server", "port"].forEach(function (id) {
      if (byId(id).value.trim()) {
        query.set(id, byId(id).value.trim());
      }
    });
    var request = new XMLHttpRequest();
    request.open("POST", "/report?" + query);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = function (move) {
      bar.value = move.loaded / file.size;
      say(move.loaded < file.size ? "Sending: " + megabytes(move.loaded) + " of " + megabytes(file.size)
        : "Reading the packets");
      if (move.loaded >= file.size) {
        bar.removeAttribute("value");
      }
    };
    request.onload = function () {
      idle();
      if (request.status === 200) {
        showReport(request.responseText, file.name);
      } else {
        say(failureOf(request), true);
      }
    };
    request.onerror = function () {
      idle();
      say("The server cannot be reached, or it refused the capture for its size.", true);
    };
    bar.value = 0;
    bar.hidden = false;
    send.disabled = true;
    say("Sending");
    request.send(file);
  });

  input.addEventListener("change", showChoice);
  ["dragover", "dragenter"].forEach(function (name) {
    drop.addEventListener(name, function (event) {
      event.preventDefault();
      drop.classList.add("over");
    });
  });
  ["dragleave", "drop"].forEach(function (name) {
    drop.addEventListener(name, function (event) {
      event.preventDefault();
      drop.classList.remove("over");
      if (name === "drop" && event.dataTransfer.files.length) {
        input.files = event.dataTransfer.files;
        showChoice();
      }
    });
  });
  byId("again").addEventListener("click", function () {
    result.hidden = true;
    form.hidden = false;
    input.value = "";
    showChoice();
    input.focus();
  });
  window.addEventListener("resize", fit);
  showChoice();
}());
