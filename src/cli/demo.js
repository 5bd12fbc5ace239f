"use strict";
// What a click does: steps of [method, address, fields, content]; a function gets the answers so far and gives a step.
const XML = { "Content-Type": "application/xml" };
const loop = ["BIND", "/loop/", XML, '<bind xmlns="DAV:"><segment>itself</segment><href>/loop/</href></bind>'];
const numbers = (last) => Array.from({ length: 400 }, (_, n) => n + 1 + "\n").join("") + last;
const tried = {
  206: [["GET", "/letter.txt", { Range: "bytes=0-15" }]],
  207: [["PROPFIND", "/folder/", { Depth: "1" }]],
  208: [loop, ["PROPFIND", "/loop/", { Depth: "infinity", DAV: "bind" }]],
  226: [["PUT", "/kept/numbers.txt", {}, numbers("")], ["HEAD", "/kept/numbers.txt", {}],
    ["PUT", "/kept/numbers.txt", {}, numbers(Date.now() + "\n")],
    (got) => ["GET", "/kept/numbers.txt", { "A-IM": "diffe", "If-None-Match": got[1].headers.get("ETag") }]],
  304: [["HEAD", "/letter.txt", {}], (got) => ["GET", "/letter.txt", { "If-None-Match": got[0].headers.get("ETag") }]],
  412: [["PUT", "/letter.txt", { "If-Match": '"an earlier one"' }, "new\n"]],
  416: [["GET", "/letter.txt", { Range: "bytes=1000000-" }]],
  418: [["BREW", "/pots/teapot", { "Content-Type": "message/coffeepot" }, "start"]],
  422: [["PROPFIND", "/letter.txt", XML, '<lockinfo xmlns="DAV:"/>']],
  423: [(got) => ["LOCK", (got.at = "/locked/" + Date.now()), { Timeout: "Second-20", ...XML },
    '<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>'],
    (got) => ["PUT", got.at, {}, "new\n"]],
  424: [["PROPPATCH", "/letter.txt", XML, '<propertyupdate xmlns="DAV:"><set><prop><colour xmlns="urn:example">green</colour>' +
    "<getcontentlength>7</getcontentlength></prop></set></propertyupdate>"]],
  428: [["PUT", "/guarded/contract.txt", {}, "new\n"]],
  429: [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => ["GET", "/few/" + n, {}]),
  431: [["GET", "/letter.txt", { "X-Long": "0".repeat(30000) }]],
  451: [["GET", "/library/banned.txt", {}]],
  506: [["GET", "/negotiated/paper", { "Accept-Language": "it" }]],
  507: [["PUT", "/small/large.bin", {}, "\0".repeat(40000)]],
  508: [loop, ["PROPFIND", "/loop/", { Depth: "infinity" }]],
  510: [["GET", "/extended/", {}]],
};
// What a browser keeps to itself the server's own side asks, and shows octet by octet.
const witnessed = {
  102: "A browser does not show interim answers: this one was asked for on the server's side.",
  308: "A browser follows by itself: this one was asked for on the server's side.",
  511: "It is under a host name of its own, which a browser asks only as a page: this one was asked for on the server's side.",
};
const opened = { 511: location.protocol + "//guests.localhost:" + location.port + "/" };

const element = (name, text, more) => Object.assign(document.createElement(name), { textContent: text }, more);
const clip = (text) => (/[\0-\x08]/.test(text) ? "(" + text.length + " octets that are no text)"
  : text.length > 4000 ? text.slice(0, 4000) + " …" : text);
const fieldsOf = (fields) => Object.entries(fields).map(([name, value]) => name + ": " + clip(value) + "\n").join("");

async function ask([method, address, fields, content], out) {
  const answer = await fetch(address, { method, headers: fields, body: content, cache: "no-store" });
  const body = method === "HEAD" ? "" : await answer.text();
  const exchange = element("pre", "");
  let head = "";
  answer.headers.forEach((value, name) => { head += name + ": " + value + "\n"; });
  exchange.append(method + " " + address + "\n" + fieldsOf(fields) + (content ? "\n" + clip(content) + "\n" : "") + "\n",
    element("span", answer.status + " " + answer.statusText, { className: "status" }), "\n" + head + "\n" + clip(body));
  out.replaceChildren(exchange);
  return answer;
}

async function play(code, out) {
  const got = [];
  try {
    for (const step of tried[code])
      got.push(await ask(typeof step === "function" ? step(got) : step, out));
  } catch (why) {
    out.replaceChildren(element("pre", String(why)));
  }
}

const patience = (ms) => new Promise((done) => setTimeout(done, ms));
const witness = (code) => fetch("/witness/" + code + ".txt", { cache: "no-store" });

async function watch(code, out) {
  const before = (await witness(code)).headers.get("ETag");
  let answer = await fetch("/witness/" + code, { method: "PUT", body: "" });
  for (let tries = 0; answer.ok && tries < 100; tries++) {
    await patience(200);
    const now = await witness(code);
    if (now.ok && now.headers.get("ETag") !== before) {
      showOctets(await now.text(), code, out);
      return;
    }
  }
  out.replaceChildren(element("pre", answer.ok ? "Nothing came within twenty seconds." : "PUT gave " + answer.status));
}

function showOctets(text, code, out) {
  const exchange = element("pre", ""), start = text.indexOf("HTTP/1.1 " + code + " ");
  const end = text.indexOf("\r\n", start);
  if (start < 0)
    exchange.append(clip(text));
  else
    exchange.append(text.slice(0, start) + "HTTP/1.1 ", element("span", text.slice(start + 9, end), { className: "status" }), clip(text.slice(end)));
  out.replaceChildren(exchange);
}

function tryOut(code, out) {
  out.replaceChildren(element("pre", "…"));
  return tried[code] ? play(code, out) : watch(code, out);
}

async function begin() {
  const codes = await (await fetch("/.samovar/codes/", { headers: { Accept: "application/json" } })).json();
  const lines = await (await fetch("lines.json")).json();
  for (const code of codes.filter((one) => one.earned)) {
    const section = element("section", ""), title = element("h2", ""), out = element("div", "", { ariaLive: "polite" });
    title.append(element("a", code.code, { href: "/.samovar/codes/" + code.code }), element("span", code.phrase));
    title.append(element("button", "Try", { ariaLabel: "Try " + code.code, onclick: () => tryOut(code.code, out) }));
    if (opened[code.code])
      title.append(element("button", "Open", { ariaLabel: "Open " + code.code, onclick: () => window.open(opened[code.code]) }));
    section.append(title, element("p", code.meaning), element("p", code.earned_by, { className: "quiet" }));
    if (witnessed[code.code])
      section.append(element("p", witnessed[code.code], { className: "quiet" }));
    section.append(element("pre", lines[code.code]), out);
    section.id = "c" + code.code;
    document.querySelector("main").append(section);
    if (location.hash === "#all")
      await tryOut(code.code, out);
  }
}
begin();
